//! Makes the address that waits the username, by the code that it got.

use super::change_username::{event, scope};
use super::store;
use super::view::{self, CustomerChanged};
use crate::codes::{self, Scope};
use crate::db;
use crate::domain::event::Action;
use crate::domain::one_time_code::{Code as OneTimeCode, Purpose};
use crate::http::command::Command;
use crate::http::reply::Reply;
use crate::messages::username;
use crate::outbox::post::{Letter, NOTICE_LIFETIME, post};
use crate::problem::{Code, Problem};
use crate::sessions;

crate::body! {
    /// The proof of a new username.
    pub struct ConfirmUsername {
        /// The code that the new address got.
        pub code: OneTimeCode,
    }
}

/// Confirm your new username
///
/// Sign in with it from now on. Every other session ends, and codes for a forgotten password that went to the address
/// before are void. Five tries for each code.
#[utoipa::path(
    patch, path = "/v1/customer/username", tag = "Customers", request_body = ConfirmUsername,
    responses(
        (status = 200, description = "The new address is your username.", body = CustomerChanged),
        (status = 409, description = "`nothing_pending`."),
        (status = 422, description = "`code_invalid` or `code_expired`."),
        (status = 429, description = "`attempts_exhausted`."),
    ),
)]
pub async fn confirm_username(command: Command<ConfirmUsername>) -> Result<Reply, Problem> {
    let delivery_id = command.app.fresh_id(command.now);
    command
        .run(move |tx, command| {
            let (app, caller, now) = (&command.app, &command.caller, command.now);
            let ConfirmUsername { code } = command.admit(&tx)?;
            let own = store::take(&tx, caller)?;
            let (email, key) = own.pending.ok_or_else(|| Problem::new(Code::NothingPending))?;
            if let Err(refusal) = codes::guess(&tx, app, &command.by, &scope(caller, &key), code, now)? {
                return command.refuse(tx, event(caller, Action::UsernameCodeRefused), refusal);
            }
            store::set_username(&tx, caller, &email, &key).map_err(|error| match error {
                // Another account has taken the address meanwhile.
                db::Error::Unique(_) => codes::wrong(Purpose::Username),
                error => error.into(),
            })?;
            let (organization_id, customer_id) = (caller.organization_id, caller.customer_id);
            sessions::store::end_others(&tx, organization_id, customer_id, caller.session_id)?;
            let recovery = Scope { purpose: Purpose::Password, ..scope(caller, &key) };
            codes::forget(&tx, &recovery)?;
            let notice = username::changed(app, &email, now);
            let whose = (organization_id, customer_id);
            post(
                &tx,
                app,
                &Letter::about(whose, delivery_id, own.email, notice, now + NOTICE_LIFETIME),
                now,
            )?;
            let message = format!("{email} is your username now. All other sessions have ended.");
            let reply = Reply::ok(&view::changed(&tx, &app.plans, caller, message)?);
            command.commit(tx, event(caller, Action::UsernameChanged), reply)
        })
        .await
}
