//! Declines an invitation: its links stop working.

use super::preview::{InvitationToken, parse};
use super::store;
use crate::domain::event::{Action, Event, Target};
use crate::domain::invitation::Status;
use crate::http::open_command::OpenCommand;
use crate::http::reply::{Done, Reply};
use crate::problem::{Code, Problem};

/// Decline an invitation
///
/// The link is the proof; no account is needed.
#[utoipa::path(
    post, path = "/v1/invitation/decline", tag = "Invitations", request_body = InvitationToken,
    responses(
        (status = 200, description = "The invitation is declined.", body = Done),
        (status = 404, description = "`not_found`: no such link was ever made."),
        (status = 409, description = "`invitation_not_pending`."),
    ),
)]
pub async fn decline_invitation(command: OpenCommand<InvitationToken>) -> Result<Reply, Problem> {
    let token = parse(&command.body()?.token)?;
    command
        .run(move |tx, command| {
            let linked = store::by_token(&tx, token.digest())?.ok_or_else(Problem::not_found)?;
            let not_pending = || Problem::new(Code::InvitationNotPending);
            if linked.status(command.now) != Status::Pending {
                return Err(not_pending().into());
            }
            if !store::end(&tx, linked.organization_id, linked.stored.invitation_id, "declined")? {
                return Err(not_pending().into());
            }
            let reply =
                Reply::ok(&Done::new(format!("You have declined the invitation to {}.", linked.team_name)));
            let target = Target::Invitation(linked.stored.invitation_id);
            command.commit(tx, Event::new(linked.organization_id, Action::InvitationDeclined, target), reply)
        })
        .await
}
