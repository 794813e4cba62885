//! Sets a new password by code; every session of the customer ends.

use super::forgot_password::{nobodys, scope};
use super::store;
use crate::access;
use crate::codes;
use crate::domain::email_address::EmailAddress;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::OrganizationId;
use crate::domain::one_time_code::Code as OneTimeCode;
use crate::domain::password::Password;
use crate::http::open_command::OpenCommand;
use crate::http::reply::{Done, Reply};
use crate::messages::account;
use crate::outbox::post::{Letter, NOTICE_LIFETIME, post};
use crate::problem::Problem;
use crate::sessions;

crate::body! {
    /// A new password with the proof that the account is one's own.
    pub struct ResetPassword {
        /// The username.
        pub email: EmailAddress,
        /// The code that it got.
        pub code: OneTimeCode,
        /// The new password.
        pub password: Password,
    }
}

/// Set a new password by code
///
/// Every session of the customer ends. Five tries for each code.
#[utoipa::path(
    patch, path = "/v1/account/password", tag = "Accounts", request_body = ResetPassword,
    responses(
        (status = 200, description = "The password is set: sign in with it.", body = Done),
        (status = 422, description = "`code_invalid` or `code_expired`."),
        (status = 429, description = "`attempts_exhausted`."),
    ),
)]
pub async fn reset_password(command: OpenCommand<ResetPassword>) -> Result<Reply, Problem> {
    let email_key = command.body()?.email.key();
    let key = email_key.clone();
    // Looked at outside the transaction, since the check is slow; said only to who has the right code.
    let known = command.app.db.read(move |reader| store::find(reader, &key)).await.map_err(Problem::from)?;
    let ResetPassword { email, password, .. } = command.body()?;
    let (name, surname) = known.map(|known| (known.name, known.surname)).unwrap_or_default();
    let personal = password.check_personal(&name, &surname, email.as_str());
    let hash = command.app.passwords.hash(password.as_str(), &*command.app.entropy).await?;
    let delivery_id = command.app.fresh_id(command.now);
    command
        .run(move |tx, command| {
            let (app, now) = (&command.app, command.now);
            if let Some(known) = store::find(&tx, &email_key)? {
                access::lock_organization(&tx, known.organization_id)?;
            }
            let Some(known) = store::find(&tx, &email_key)? else {
                let (nobody, code) = (nobodys(&email_key), &command.body()?.code);
                let refusal = codes::miss(&tx, app, &command.by, &nobody, code, now)?;
                let event = Event::new(OrganizationId::NONE, Action::PasswordCodeRefused, Target::Server);
                return command.refuse(tx, event, refusal);
            };
            let event =
                |action| Event::new(known.organization_id, action, Target::Customer(known.customer_id));
            let code = &command.body()?.code;
            if let Err(refusal) = codes::guess(&tx, app, &command.by, &scope(&known, &email_key), code, now)?
            {
                return command.refuse(tx, event(Action::PasswordCodeRefused), refusal);
            }
            // The code was right and stays good for another password: nothing of this is committed.
            personal.clone().map_err(|why| Problem::field("password", why))?;
            store::set_password(&tx, known.organization_id, known.customer_id, &hash)?;
            sessions::store::end_all(&tx, known.organization_id, known.customer_id)?;
            let whose = (known.organization_id, known.customer_id);
            let message = account::password_changed(app, now);
            let letter = Letter::about(whose, delivery_id, known.email, message, now + NOTICE_LIFETIME);
            post(&tx, app, &letter, now)?;
            let reply =
                Reply::ok(&Done::new("Your new password is set. Sign in with it; all sessions have ended."));
            command.commit_as(tx, known.customer_id, event(Action::PasswordReset), reply)
        })
        .await
}
