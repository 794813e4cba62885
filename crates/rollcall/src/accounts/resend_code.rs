//! Sends the code of a sign-up again. The answer is always the same.

use super::{sign_up, store};
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
            let email_key = command.body()?.email.key();
            if let Some(waiting) = store::sign_up(&tx, &email_key, now)? {
                // Too soon, or too often: said to nobody, and the code before stays good.
                let again = codes::may_issue(&tx, app, &sign_up::scope(&email_key), now);
                if again.is_ok() && sign_up::may_mail(&tx, app, &waiting.email, &email_key, now)? {
                    let code = codes::issue(&tx, app, &sign_up::scope(&email_key), Pace::First, now)?;
                    let message = account::confirmation(app, &waiting.email, code);
                    post(&tx, app, &sign_up::letter(delivery_id, waiting.email, message, now), now)?;
                }
            }
            let reply = Reply::ok(&Done::new(
                "If this address waits for a confirmation, a fresh code is on its way. The one before is void.",
            ));
            let event = Event::new(OrganizationId::NONE, Action::SignUpRequested, Target::Server);
            command.commit(tx, event, reply)
        })
        .await
}
