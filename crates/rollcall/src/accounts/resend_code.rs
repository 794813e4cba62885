//! Sends the code of a sign-up again. The answer is always the same.

use super::{sign_up, store};
use crate::allowances::client;
use crate::codes::{self, Pace};
use crate::domain::email_address::EmailAddress;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::OrganizationId;
use crate::http::open_command::OpenCommand;
use crate::http::reply::{Done, Reply};
use crate::messages::account;
use crate::outbox::post::post;
use crate::problem::Problem;

crate::body! {
    /// Whose code.
    pub struct ResendConfirmationCode {
        /// The address that was signed up.
        pub email: EmailAddress,
    }
}

/// Send the confirmation code again
///
/// Once a minute at most. The code before is void. The answer is the same for every address.
#[utoipa::path(
    post, path = "/v1/account/confirmation-code", tag = "Accounts", request_body = ResendConfirmationCode,
    responses((status = 200, description = "If the address waits for a code, a fresh one is on its way.", body = Done)),
)]
pub async fn resend_confirmation_code(
    command: OpenCommand<ResendConfirmationCode>,
) -> Result<Reply, Problem> {
    let delivery_id = command.app.fresh_id(command.now);
    command
        .run(move |tx, command| {
            let (app, now) = (&command.app, command.now);
            let email = &command.body()?.email;
            client::spend(&tx, app, &command.by, &client::CODE_REQUESTS, now)?;
            let (email_key, scope) = (email.key(), sign_up::scope(&email.key()));
            let waiting = store::sign_up(&tx, &email_key, now)?;
            // For an address that waits for nothing the same is done in vain, or the time that it takes would tell.
            tx.stays_if(|tx| {
                let to = waiting.as_ref().map_or(email.as_str(), |waiting| &waiting.email).to_owned();
                // Too soon, or too often: said to nobody, and the code before stays good.
                let again = codes::may_issue(tx, app, &scope, now)?.is_ok();
                let may_mail = sign_up::may_mail(tx, app, &to, &email_key, now)?;
                let code = codes::issue(tx, app, &scope, Pace::First, now)?;
                let message = account::confirmation(app, &to, code);
                post(tx, app, &sign_up::letter(delivery_id, to, message, now), now)?;
                Ok::<_, Problem>(waiting.is_some() && again && may_mail)
            })?;
            let reply = Reply::ok(&Done::new(
                "If this address waits for a confirmation, a fresh code is on its way. The one before is void.",
            ));
            let event = Event::new(OrganizationId::NONE, Action::SignUpRequested, Target::Server);
            command.commit(tx, event, reply)
        })
        .await
}
