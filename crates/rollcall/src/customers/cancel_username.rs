//! Forgets the address that waits to become the username.

use super::change_username::{event, forget};
use super::store;
use crate::domain::event::Action;
use crate::http::command::Command;
use crate::http::reply::{Done, Reply};
use crate::problem::{Code, Problem};

/// Cancel the change of your username
///
/// The code that went to the new address is void.
#[utoipa::path(
    delete, path = "/v1/customer/username", tag = "Customers",
    responses(
        (status = 200, description = "The new address is forgotten.", body = Done),
        (status = 409, description = "`nothing_pending`."),
    ),
)]
pub async fn cancel_username(command: Command<()>) -> Result<Reply, Problem> {
    command
        .run(|tx, command| {
            command.admit(&tx)?;
            let own = store::take(&tx, &command.caller)?;
            if own.pending.is_none() {
                return Err(Problem::new(Code::NothingPending).into());
            }
            forget(&tx, &command.caller, &own)?;
            let reply = Reply::ok(&Done::new(format!("{} stays your username.", own.email)));
            command.commit(tx, event(&command.caller, Action::UsernameCancelled), reply)
        })
        .await
}
