//! What an invitation is about, for the holder of its link, before anything is typed.

use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::store;
use super::view::FORMER_MEMBER;
use crate::accounts;
use crate::domain::id::TeamId;
use crate::domain::invitation::{InvitationChannel, Status};
use crate::domain::role::InvitedRole;
use crate::domain::token::{Token, TokenKind};
use crate::http::moment::Moment;
use crate::http::open_command::OpenCommand;
use crate::http::reply::Reply;
use crate::problem::Problem;

crate::body! {
    /// A link's token.
    pub struct InvitationToken {
        /// What follows `token=` in the link.
        pub token: String,
    }
}

/// An invitation as its receiver sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationPreview {
    /// What it is about.
    invitation: PreviewedInvitation,
    /// Whether the invited address has an account: sign in and accept. Always false for a number.
    account_exists: bool,
}

/// What an invitation is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewedInvitation {
    /// The team.
    team: PreviewedTeam,
    /// Its organization.
    organization: PreviewedOrganization,
    /// The invited address or number.
    channel: String,
    /// By what it was sent.
    channel_type: InvitationChannel,
    /// What the receiver will be.
    role: InvitedRole,
    /// Who invites, or `former member`.
    sender_full_name: String,
    /// What has become of it; `withdrawn` as well where a reminder replaced the link.
    status: Status,
    /// Until when it is open.
    expires_at: Moment,
}

/// A team by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewedTeam {
    /// Its id.
    team_id: TeamId,
    /// Its name.
    name: String,
}

/// An organization by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewedOrganization {
    /// Its name.
    name: String,
}

/// Preview an invitation
///
/// Tells who invites to what, and whether the link still works. Changes nothing.
#[utoipa::path(
    post, path = "/v1/invitation/preview", tag = "Invitations", request_body = InvitationToken,
    responses(
        (status = 200, description = "The invitation.", body = InvitationPreview),
        (status = 404, description = "`not_found`: no such link was ever made."),
    ),
)]
pub async fn preview_invitation(command: OpenCommand<InvitationToken>) -> Result<Response, Problem> {
    let token = parse(&command.body()?.token)?;
    let now = command.now;
    let preview = command.app.db.read(move |reader| {
        let linked = store::by_token(reader, token.digest())?.ok_or_else(Problem::not_found)?;
        let by_mail = linked.stored.channel_type == InvitationChannel::Email;
        let account_exists = by_mail && accounts::store::find(reader, &linked.channel_key)?.is_some();
        let status = linked.status(now);
        let sender = linked.stored.sender.map(|(_, name, surname)| format!("{name} {surname}"));
        Ok::<_, Problem>(InvitationPreview {
            invitation: PreviewedInvitation {
                team: PreviewedTeam { team_id: linked.team_id, name: linked.team_name },
                organization: PreviewedOrganization { name: linked.organization_name },
                channel: linked.stored.channel,
                channel_type: linked.stored.channel_type,
                role: linked.stored.role,
                sender_full_name: sender.unwrap_or_else(|| FORMER_MEMBER.to_owned()),
                status,
                expires_at: linked.stored.expires_at.into(),
            },
            account_exists,
        })
    });
    Ok(Reply::ok(&preview.await?).into_response())
}

/// A link's token; what cannot be one was never issued.
pub(super) fn parse(text: &str) -> Result<Token, Problem> {
    Token::parse(TokenKind::Invitation, text.trim()).ok_or_else(Problem::not_found)
}
