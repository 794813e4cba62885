//! Ends one of the caller's sessions, wherever it was begun.

use super::store;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::SessionId;
use crate::http::command::Command;
use crate::http::path::Path;
use crate::http::reply::{Done, Reply};
use crate::problem::Problem;

/// End a session
///
/// One of your own: a lost phone, a program that should no longer act for you. It ends at once, with all its tokens.
#[utoipa::path(
    delete, path = "/v1/customer/session/{session_id}", tag = "Sessions",
    params(("session_id" = SessionId, Path, description = "One of your sessions.")),
    responses((status = 200, description = "The session has ended.", body = Done)),
)]
pub async fn end_session(Path(id): Path<SessionId>, command: Command<()>) -> Result<Reply, Problem> {
    command
        .run(move |tx, command| {
            let caller = command.caller;
            if !store::end_own(&tx, caller.organization_id, caller.customer_id, id)? {
                return Err(command.replay_or(&tx, Problem::not_found()));
            }
            command.admit(&tx)?;
            let event = Event::new(caller.organization_id, Action::SessionClosed, Target::Session(id));
            command.commit(tx, event, Reply::ok(&Done::new("The session has ended.")))
        })
        .await
}
