//! Sends a code to set a new password. The answer is always the same.

use super::sign_up;
use super::store::{self, Known};
use crate::allowances::client;
use crate::codes::{self, Pace, Scope};
use crate::domain::email_address::EmailAddress;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::OrganizationId;
use crate::domain::one_time_code::{LIFETIME, Purpose};
use crate::http::open_command::OpenCommand;
use crate::http::reply::{Done, Reply};
use crate::messages::account;
use crate::outbox::post::{Letter, post};
use crate::problem::Problem;

crate::body! {
    /// Whose password was forgotten.
    pub struct ForgotPassword {
        /// The username.
        pub email: EmailAddress,
    }
}

/// Ask for a new password
///
/// A code goes to the address if it has an account, once a minute at most. The answer is the same for every address.
#[utoipa::path(
    post, path = "/v1/account/password", tag = "Accounts", request_body = ForgotPassword,
    responses((status = 200, description = "If the address has an account, a code is on its way.", body = Done)),
)]
pub async fn forgot_password(command: OpenCommand<ForgotPassword>) -> Result<Reply, Problem> {
    let delivery_id = command.app.fresh_id(command.now);
    command
        .run(move |tx, command| {
            let (app, now) = (&command.app, command.now);
            let email = &command.body()?.email;
            client::spend(&tx, app, &command.by, &client::CODE_REQUESTS, now)?;
            let email_key = email.key();
            let known = store::find(&tx, &email_key)?;
            // For an address without an account the same is done in vain, or the time that it takes would tell.
            let sent = tx.stays_if(|tx| {
                let scope = match &known {
                    Some(known) => scope(known, &email_key),
                    None => nobodys(&email_key),
                };
                // Too soon: said to nobody.
                let again = codes::may_issue(tx, app, &scope, now)?.is_ok();
                let code = codes::issue(tx, app, &scope, Pace::First, now)?;
                let to = known.as_ref().map_or(email.as_str(), |known| &known.email).to_owned();
                let message = account::password_reset(app, &to, code);
                let letter = match &known {
                    Some(Known { organization_id, customer_id, .. }) => {
                        let whose = (*organization_id, *customer_id);
                        Letter::about(whose, delivery_id, to, message, now + LIFETIME)
                    }
                    None => sign_up::letter(delivery_id, to, message, now),
                };
                post(tx, app, &letter, now)?;
                Ok::<_, Problem>(known.is_some() && again)
            })?;
            let reply = Reply::ok(&Done::new(
                "If this address has an account, a code to set a new password is on its way.",
            ));
            // Where nothing was sent it is the server's log that grows, which takes as long, and not that of whom strangers name.
            let (organization_id, target) = match known.filter(|_| sent) {
                Some(known) => (known.organization_id, Target::Customer(known.customer_id)),
                None => (OrganizationId::NONE, Target::Server),
            };
            command.commit(tx, Event::new(organization_id, Action::PasswordResetRequested, target), reply)
        })
        .await
}

/// What the code proves: that the customer reads the address which is the username now.
pub(crate) fn scope(known: &Known, email_key: &str) -> Scope {
    Scope {
        organization_id: known.organization_id,
        purpose: Purpose::Password,
        subject: known.customer_id.to_string(),
        recipient: email_key.to_owned(),
    }
}

/// The same for an address without an account, at which everything is done in vain.
pub(super) fn nobodys(email_key: &str) -> Scope {
    Scope { purpose: Purpose::Password, ..sign_up::scope(email_key) }
}
