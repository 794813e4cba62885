//! Reminds somebody of an invitation, and renews it.

use super::invite::{available, prepare};
use super::send::send;
use super::store;
use super::view::{InvitationChanged, Stored};
use super::withdraw::NamedInvitation;
use crate::access;
use crate::domain::access::Action as Right;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::TeamId;
use crate::domain::invitation::{LIFETIME, may_remind};
use crate::http::command::Command;
use crate::http::path::Path;
use crate::http::reply::Reply;
use crate::problem::{Code, Problem};

/// Remind of an invitation
///
/// Renews its seven days and its link; the link before stops working. Fifteen minutes from one reminder to the next.
#[utoipa::path(
    post, path = "/v1/team/{id}/invitation/reminder", tag = "Invitations", request_body = NamedInvitation,
    params(("id" = TeamId, Path, description = "The team.")),
    responses(
        (status = 200, description = "The reminder is on its way.", body = InvitationChanged),
        (status = 403, description = "`role_insufficient`."),
        (status = 429, description = "`resend_too_soon`."),
    ),
)]
pub async fn remind_of_invitation(
    Path(id): Path<TeamId>,
    command: Command<NamedInvitation>,
) -> Result<Reply, Problem> {
    let prepared = prepare(&command.app, command.now);
    command
        .run(move |tx, command| {
            let now = command.now;
            let team = access::team(&tx, &command.caller, id, Right::Govern)?;
            let address = command.admit(&tx)?.channel_value.address();
            let invited = store::find(&tx, &team, address)?.ok_or_else(Problem::not_found)?;
            available(&command.app, address)?;
            may_remind(invited.reminded_at, now).map_err(|wait| {
                let minutes = wait.as_secs().div_ceil(60);
                let detail = format!("A reminder went out just now. Send the next in {minutes} minutes.");
                Problem::because(Code::ResendTooSoon, detail).retry_after(wait)
            })?;
            store::renew(&tx, team.organization_id, invited.invitation_id, now)?;
            let invited = Stored { reminded_at: Some(now), expires_at: now + LIFETIME, ..invited };
            send(&tx, &command.app, &team, &invited, &prepared, command.caller.customer_id, now)?;
            let target = Target::Invitation(invited.invitation_id);
            let message = format!("A reminder is on its way to {}.", invited.channel);
            let reply = Reply::ok(&InvitationChanged { message, invitation: invited.view(now) });
            command.commit(tx, Event::new(team.organization_id, Action::InvitationReminded, target), reply)
        })
        .await
}
