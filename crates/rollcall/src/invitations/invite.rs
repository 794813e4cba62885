//! Invites somebody to a team, by mail or by text message.

use utoipa::ToSchema;

use super::send::{Prepared, send};
use super::store;
use super::view::{InvitationChanged, Stored};
use crate::access;
use crate::app::App;
use crate::domain::access::Action as Right;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::{InvitationId, TeamId};
use crate::domain::invalid::Invalid;
use crate::domain::invitation::{InvitationChannel, InvitedAddress, LIFETIME};
use crate::domain::plan::LimitKey;
use crate::domain::role::InvitedRole;
use crate::domain::token::{Token, TokenKind};
use crate::http::body::{Body, Fields};
use crate::http::command::Command;
use crate::http::path::Path;
use crate::http::reply::Reply;
use crate::organizations::limits;
use crate::problem::{Code, Problem};

/// Whom to invite, and as what.
#[derive(Debug, ToSchema)]
pub struct InviteMember {
    /// The address or number, by `channel_type`.
    #[schema(value_type = String, max_length = 254, example = "bea@example.com")]
    channel_value: InvitedAddress,
    /// By what.
    #[expect(dead_code, reason = "stands in the document; `channel_value` was parsed by it")]
    channel_type: InvitationChannel,
    /// What they will be; `user` where it is left out.
    #[schema(value_type = Option<InvitedRole>)]
    role: InvitedRole,
}

impl Body for InviteMember {
    fn read(fields: &mut Fields) -> Option<Self> {
        let channel_type = fields.take::<InvitationChannel>("channel_type");
        let role = fields.take::<Option<InvitedRole>>("role");
        let text = fields.take::<String>("channel_value");
        let channel_value =
            fields.parsed("channel_value", || Some(InvitedAddress::parse(channel_type?, text.as_ref()?)));
        Some(Self {
            channel_value: channel_value?,
            channel_type: channel_type?,
            role: role?.unwrap_or(InvitedRole::User),
        })
    }
}

/// Invite somebody
///
/// They get a link that is open for seven days. Whoever has no account makes one with it.
#[utoipa::path(
    post, path = "/v1/team/{id}/invitation", tag = "Invitations", request_body = InviteMember,
    params(("id" = TeamId, Path, description = "The team.")),
    responses(
        (status = 201, description = "The invitation is on its way.", body = InvitationChanged),
        (status = 403, description = "`role_insufficient`."),
        (status = 409, description = "`already_invited`, `already_member` or `limit_reached`."),
    ),
)]
pub async fn invite_member(Path(id): Path<TeamId>, command: Command<InviteMember>) -> Result<Reply, Problem> {
    let invitation_id: InvitationId = command.app.fresh_id(command.now);
    let prepared = prepare(&command.app, command.now);
    command
        .run(move |tx, command| {
            let (app, now) = (&command.app, command.now);
            let team = access::team(&tx, &command.caller, id, Right::Govern)?;
            let InviteMember { channel_value: address, role, .. } = command.admit(&tx)?;
            available(app, address)?;
            if store::is_member(&tx, &team, &address.key())? {
                return Err(Problem::new(Code::AlreadyMember).into());
            }
            let members = || crate::members::store::count(&tx, team.organization_id, id);
            limits::check(&tx, &app.plans, team.organization_id, LimitKey::TeamMembers, members)?;
            store::insert(&tx, &team, invitation_id, address, *role, command.caller.customer_id, now)?;
            let (_, name, surname) = store::names(&tx, team.organization_id, command.caller.customer_id)?;
            let invited = Stored {
                invitation_id,
                channel: address.as_str().to_owned(),
                channel_type: address.channel(),
                role: *role,
                sender: Some((command.caller.customer_id, name, surname)),
                status: "pending".to_owned(),
                created_at: now,
                reminded_at: None,
                expires_at: now + LIFETIME,
            };
            send(&tx, app, &team, &invited, &prepared, command.caller.customer_id, now)?;
            let message = format!("The invitation to {} is on its way to {}.", team.name, invited.channel);
            let reply = Reply::created(&InvitationChanged { message, invitation: invited.view(now) });
            let target = Target::Invitation(invitation_id);
            command.commit(tx, Event::new(team.organization_id, Action::InvitationSent, target), reply)
        })
        .await
}

/// Made before the transaction.
pub(super) fn prepare(app: &App, now: jiff::Timestamp) -> Prepared {
    Prepared { token: Token::new(TokenKind::Invitation, app.random()), delivery_id: app.fresh_id(now) }
}

/// Refuses what no transport can carry.
pub(super) fn available(app: &App, address: &InvitedAddress) -> Result<(), Problem> {
    let transport = match address.channel() {
        InvitationChannel::Email => notify::Transport::Email,
        InvitationChannel::Sms => notify::Transport::Sms,
    };
    if app.transports.available(transport) {
        return match address {
            InvitedAddress::Sms(number) => {
                app.policy.may_reach(number).map_err(|why| Problem::field("channel_value", why))
            }
            InvitedAddress::Email(_) => Ok(()),
        };
    }
    let message = "This server cannot send by this type. Choose the other one.";
    Err(Problem::field("channel_type", Invalid::new("type_unavailable", message)))
}
