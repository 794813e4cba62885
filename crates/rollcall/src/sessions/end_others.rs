//! Ends every session of the caller but the one that asks.

use super::store;
use crate::access;
use crate::domain::event::{Action, Event, Target};
use crate::http::command::Command;
use crate::http::reply::{Done, Reply};
use crate::problem::Problem;

/// End your other sessions
///
/// Every session but the one that asks ends at once, with all its tokens.
#[utoipa::path(
    delete, path = "/v1/customer/sessions", tag = "Sessions",
    responses((status = 200, description = "All other sessions have ended.", body = Done)),
)]
pub async fn end_other_sessions(command: Command<()>) -> Result<Reply, Problem> {
    command
        .run(|tx, command| {
            let caller = command.caller;
            access::hold_home(&tx, &caller)?;
            command.admit(&tx)?;
            store::end_others(&tx, caller.organization_id, caller.customer_id, caller.session_id)?;
            let target = Target::Customer(caller.customer_id);
            let event = Event::new(caller.organization_id, Action::OtherSessionsClosed, target);
            command.commit(tx, event, Reply::ok(&Done::new("All other sessions have ended.")))
        })
        .await
}
