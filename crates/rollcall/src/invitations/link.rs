//! Makes a second link of an invitation, to be handed over by other means. It proves no address.

use serde::Serialize;
use utoipa::ToSchema;

use super::store::{self, Purpose};
use super::withdraw::NamedInvitation;
use super::{invite, send};
use crate::access;
use crate::domain::access::Action as Right;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::TeamId;
use crate::domain::invitation::Status;
use crate::http::command::Command;
use crate::http::path::Path;
use crate::http::reply::Reply;
use crate::problem::{Code, Problem};

/// A link to be handed over. It is shown here once.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandOverLink {
    /// What to do with it.
    message: String,
    /// The link.
    #[schema(format = "uri")]
    link: String,
}

/// Make a hand-over link
///
/// For somebody whom the message does not reach. A new customer made with it confirms the address by code. The
/// hand-over link before stops working; the one that was sent goes on.
#[utoipa::path(
    post, path = "/v1/team/{id}/invitation/link", tag = "Invitations", request_body = NamedInvitation,
    params(("id" = TeamId, Path, description = "The team.")),
    responses(
        (status = 200, description = "The link.", body = HandOverLink),
        (status = 403, description = "`role_insufficient`."),
        (status = 409, description = "`invitation_not_pending`: it has expired; send a reminder first."),
    ),
)]
pub async fn make_invitation_link(
    Path(id): Path<TeamId>,
    command: Command<NamedInvitation>,
) -> Result<Reply, Problem> {
    let prepared = invite::prepare(&command.app, command.now);
    command
        .run(move |tx, command| {
            let team = access::team(&tx, &command.caller, id, Right::Govern)?;
            let address = command.admit(&tx)?.channel_value.address();
            let invited = store::find(&tx, &team, address)?.ok_or_else(Problem::not_found)?;
            if invited.status(command.now) != Status::Pending {
                let detail = "The invitation has expired. Send a reminder: that renews it.";
                return Err(Problem::because(Code::InvitationNotPending, detail).into());
            }
            let token = &prepared.token;
            store::put_token(&tx, team.organization_id, invited.invitation_id, Purpose::HandedOver, token)?;
            let reply = Reply::ok(&HandOverLink {
                message: format!("Hand this link to {} yourself. It is shown only now.", invited.channel),
                link: send::link(&command.app, token),
            });
            let target = Target::Invitation(invited.invitation_id);
            command.commit(tx, Event::new(team.organization_id, Action::InvitationLinkCreated, target), reply)
        })
        .await
}
