//! Withdraws an invitation: its links stop working at once.

use super::store;
use crate::access;
use crate::domain::access::Action as Right;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::TeamId;
use crate::domain::invalid::Invalid;
use crate::domain::invitation::{InvitationChannel, InvitedAddress};
use crate::http::command::Command;
use crate::http::path::Path;
use crate::http::reply::{Done, Reply};
use crate::problem::Problem;

crate::body! {
    /// Which invitation, by whom it names.
    pub struct NamedInvitation {
        /// The address or number, however it is written.
        pub channel_value: AnyAddress,
    }
}

/// An address or a number: what has an `@` is an address.
#[derive(Debug, Clone)]
pub struct AnyAddress(InvitedAddress);

impl AnyAddress {
    /// Reads either.
    ///
    /// # Errors
    /// What the type refuses.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let channel = if text.contains('@') { InvitationChannel::Email } else { InvitationChannel::Sms };
        InvitedAddress::parse(channel, text).map(Self)
    }

    /// The address.
    #[must_use]
    pub fn address(&self) -> &InvitedAddress {
        &self.0
    }
}

impl utoipa::ToSchema for AnyAddress {}
impl utoipa::PartialSchema for AnyAddress {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .max_length(Some(254))
            .description(Some("An e-mail address or a phone number with its country code."))
            .examples(["bea@example.com"])
            .into()
    }
}

/// Withdraw an invitation
///
/// Pending or expired; accepted and declined ones stay as history.
#[utoipa::path(
    delete, path = "/v1/team/{id}/invitation", tag = "Invitations", request_body = NamedInvitation,
    params(("id" = TeamId, Path, description = "The team.")),
    responses(
        (status = 200, description = "The invitation is withdrawn.", body = Done),
        (status = 403, description = "`role_insufficient`."),
    ),
)]
pub async fn withdraw_invitation(
    Path(id): Path<TeamId>,
    command: Command<NamedInvitation>,
) -> Result<Reply, Problem> {
    command
        .run(move |tx, command| {
            let team = access::team(&tx, &command.caller, id, Right::Govern)?;
            let address = command.admit(&tx)?.channel_value.address();
            let invited = store::find(&tx, &team, address)?.ok_or_else(Problem::not_found)?;
            store::end(&tx, team.organization_id, invited.invitation_id, "withdrawn")?;
            let reply = Reply::ok(&Done::new(format!(
                "The invitation of {} is withdrawn. Its links no longer work.",
                invited.channel
            )));
            let target = Target::Invitation(invited.invitation_id);
            command.commit(tx, Event::new(team.organization_id, Action::InvitationWithdrawn, target), reply)
        })
        .await
}
