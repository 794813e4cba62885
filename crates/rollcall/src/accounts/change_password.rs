//! Changes the caller's password; every other session ends.

use std::time::Duration;

use super::forgot_password::scope;
use super::store;
use crate::access;
use crate::allowances::{self, Allowance};
use crate::codes;
use crate::domain::event::{Action, Event, Target};
use crate::domain::password::{GivenPassword, Password};
use crate::http::command::Command;
use crate::http::reply::{Done, Reply};
use crate::messages::account;
use crate::outbox::post::{Letter, NOTICE_LIFETIME, post};
use crate::problem::{Code, Problem};
use crate::sessions;

/// Wrong passwords that somebody with a stolen session may try.
const WRONG_PASSWORDS: Allowance =
    Allowance { name: "wrong_current_password", limit: 5, window: Duration::from_secs(15 * 60) };

crate::body! {
    /// A new password with the one before.
    pub struct ChangePassword {
        /// The password until now.
        pub current_password: GivenPassword,
        /// The new password.
        pub password: Password,
    }
}

/// Change your password
///
/// Every other session ends, and codes for a forgotten password are void. Five wrong tries in a quarter of an hour.
#[utoipa::path(
    put, path = "/v1/account/password", tag = "Accounts", request_body = ChangePassword,
    responses(
        (status = 200, description = "The new password is set.", body = Done),
        (status = 401, description = "`credentials_invalid`: the current password is wrong."),
    ),
)]
pub async fn change_password(command: Command<ChangePassword>) -> Result<Reply, Problem> {
    let (app, caller) = (&command.app, command.caller);
    let ChangePassword { current_password, password } = command.body()?;
    let wrong_key = allowances::key(app, &WRONG_PASSWORDS, &[&caller.customer_id.to_string()]);
    let now = command.now;
    // Looked at outside the transaction, since hashing is slow; nothing is said of it before the transaction.
    let (known, wait) = app
        .db
        .read(move |reader| {
            let known = store::own(reader, caller.organization_id, caller.customer_id)?;
            Ok((known, allowances::exhausted(reader, &wrong_key, &WRONG_PASSWORDS, now)?))
        })
        .await
        .map_err(|error: crate::db::Error| Problem::from(error))?;
    let (known, current) = known.ok_or_else(|| Problem::new(Code::TokenInvalid))?;
    admit(wait)?;
    let personal = password.check_personal(&known.name, &known.surname, &known.email);
    let right = app.passwords.verify(current_password.as_str(), Some(&current)).await?;
    let hash = app.passwords.hash(password.as_str(), &*app.entropy).await?;
    let delivery_id = app.fresh_id(now);
    command
        .run(move |tx, command| {
            let (app, caller, now) = (&command.app, &command.caller, command.now);
            access::lock_organization(&tx, caller.organization_id)?;
            command.admit(&tx)?;
            // Of many guesses at once, those count that were refused meanwhile.
            admit(allowances::exhausted(&tx, &wrong_key, &WRONG_PASSWORDS, now)?)?;
            let event =
                |action| Event::new(caller.organization_id, action, Target::Customer(caller.customer_id));
            let unchanged = store::password_hash(&tx, caller.organization_id, caller.customer_id)?
                .is_some_and(|stored| stored == current);
            if !right || !unchanged {
                allowances::count(&tx, &wrong_key, &WRONG_PASSWORDS, now)?;
                let refusal = Problem::because(Code::CredentialsInvalid, "The current password is wrong.");
                return command.refuse(tx, event(Action::PasswordChangeRefused), refusal);
            }
            personal.clone().map_err(|why| Problem::field("password", why))?;
            store::set_password(&tx, caller.organization_id, caller.customer_id, &hash)?;
            sessions::store::end_others(&tx, caller.organization_id, caller.customer_id, caller.session_id)?;
            codes::forget(&tx, &scope(&known, ""))?;
            let whose = (caller.organization_id, caller.customer_id);
            let message = account::password_changed(app, now);
            let letter =
                Letter::about(whose, delivery_id, known.email.clone(), message, now + NOTICE_LIFETIME);
            post(&tx, app, &letter, now)?;
            let reply = Reply::ok(&Done::new("Your new password is set. All other sessions have ended."));
            command.commit(tx, event(Action::PasswordChanged), reply)
        })
        .await
}

/// Refuses a try where there is something to wait for.
fn admit(wait: Option<Duration>) -> Result<(), Problem> {
    wait.map_or(Ok(()), |wait| {
        let detail = "Too many wrong passwords. Try again later.";
        Err(Problem::because(Code::RateLimited, detail).retry_after(wait))
    })
}
