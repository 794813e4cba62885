//! Signs out: the session ends at once.

use super::store;
use crate::access;
use crate::domain::event::{Action, Event, Target};
use crate::http::command::Command;
use crate::http::reply::{Done, Reply};
use crate::problem::Problem;

/// Sign out
///
/// The session that the token belongs to ends with all its tokens.
#[utoipa::path(
    delete, path = "/v1/auth", tag = "Sessions",
    responses((status = 200, description = "You are signed out.", body = Done)),
)]
pub async fn sign_out(command: Command<()>) -> Result<Reply, Problem> {
    command
        .run(|tx, command| {
            let caller = command.caller;
            access::hold_home(&tx, &caller)?;
            command.admit(&tx)?;
            store::end(&tx, caller.organization_id, caller.session_id)?;
            let reply = Reply::ok(&Done::new("You are signed out."));
            let event =
                Event::new(caller.organization_id, Action::SessionEnded, Target::Session(caller.session_id));
            command.commit(tx, event, reply)
        })
        .await
}
