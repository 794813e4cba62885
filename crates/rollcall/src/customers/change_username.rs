//! Asks for another username: a code goes to the new address, a notice to the one until now.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::store::{self, Own};
use crate::accounts;
use crate::allowances::{self, Allowance, flood};
use crate::codes::{self, Pace, Scope};
use crate::db::Tx;
use crate::domain::channel_value::ChannelValue;
use crate::domain::email_address::EmailAddress;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::DeliveryId;
use crate::domain::one_time_code::{LIFETIME, Purpose};
use crate::http::caller::Caller;
use crate::http::command::{Command, Halt, Parts};
use crate::http::moment::Moment;
use crate::http::reply::Reply;
use crate::messages::username;
use crate::outbox::post::{Letter, NOTICE_LIFETIME, post};
use crate::problem::Problem;

/// How often a customer may ask for another username, and how often one address gets mail of it: enough for typing errors.
const REQUESTS: Allowance =
    Allowance { name: "username_mail", limit: 10, window: Duration::from_secs(10 * 60) };

crate::body! {
    /// The new username.
    pub struct ChangeUsername {
        /// The new address.
        pub email: EmailAddress,
    }
}

/// What is left to do for a new username.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsernameRequested {
    /// What was done, for people.
    message: String,
    /// The proof that is needed.
    verification: Verification,
}

/// The proof that a new username needs.
#[derive(Debug, Serialize, ToSchema)]
pub struct Verification {
    /// Whether a code is to be entered; not for the address that is the username already.
    required: bool,
    /// Until when the code is good.
    expires_at: Option<Moment>,
}

/// Ask for another username
///
/// A six-digit code goes to the new address, a notice to the one until now, which stays your username until the code is
/// entered. An address in use gets the same answer, and its owner a notice. A new request replaces the one before.
#[utoipa::path(
    put, path = "/v1/customer/username", tag = "Customers", request_body = ChangeUsername,
    responses((status = 200, description = "A code is on its way to the new address.", body = UsernameRequested)),
)]
pub async fn change_username(command: Command<ChangeUsername>) -> Result<Reply, Problem> {
    let deliveries = [command.app.fresh_id(command.now), command.app.fresh_id(command.now)];
    command
        .run(move |tx, command| {
            let ChangeUsername { email } = command.admit(&tx)?;
            let own = store::take(&tx, &command.caller)?;
            if email.as_str() == own.email {
                return keep(tx, command, &own);
            }
            ask(&tx, command, &own, email, deliveries)?;
            let message = format!(
                "We have sent a six-digit code to {}. Until you enter it, {} stays your username.",
                email.as_str(),
                own.email
            );
            let expires_at = Some((command.now + LIFETIME).into());
            let verification = Verification { required: true, expires_at };
            let reply = Reply::ok(&UsernameRequested { message, verification });
            command.commit(tx, event(&command.caller, Action::UsernameRequested), reply)
        })
        .await
}

/// The address is the username already: whatever waits is forgotten.
fn keep(
    tx: Tx<'_>,
    command: &Parts<ChangeUsername>,
    own: &Own,
) -> Result<crate::db::Committed<crate::http::command::Answer>, Halt> {
    let message = format!("{} is your username already: there is nothing to confirm.", own.email);
    let verification = Verification { required: false, expires_at: None };
    let reply = Reply::ok(&UsernameRequested { message, verification });
    forget(&tx, &command.caller, own)?;
    let event = match own.pending {
        Some(_) => event(&command.caller, Action::UsernameCancelled),
        None => Event::upkeep(),
    };
    command.commit(tx, event, reply)
}

fn ask(
    tx: &Tx<'_>,
    command: &Parts<ChangeUsername>,
    own: &Own,
    email: &EmailAddress,
    [to_new, to_old]: [DeliveryId; 2],
) -> Result<(), Problem> {
    let (app, caller, now) = (&command.app, &command.caller, command.now);
    let key = email.key();
    hold_back(tx, command, email)?;
    store::set_pending(tx, caller, Some((email.as_str(), &key)))?;
    let owner = accounts::store::find(tx, &key)?.filter(|owner| owner.customer_id != caller.customer_id);
    let own_account = (caller.organization_id, caller.customer_id);
    let letter = if let Some(owner) = owner {
        // A code for nobody is out, so that guesses at it are counted and refused like all others.
        let nobody = Scope { recipient: String::new(), ..scope(caller, &key) };
        codes::issue(tx, app, &nobody, Pace::First, now)?;
        let account = (owner.organization_id, owner.customer_id);
        Letter::about(account, to_new, owner.email, username::in_use(app), now + NOTICE_LIFETIME)
    } else {
        let code = codes::issue(tx, app, &scope(caller, &key), Pace::First, now)?;
        let message = username::verification(app, &own.person, code);
        Letter::about(own_account, to_new, email.as_str().to_owned(), message, now + LIFETIME)
    };
    post(tx, app, &letter, now)?;
    let notice = username::requested(app, email.as_str(), now);
    let letter = Letter::about(own_account, to_old, own.email.clone(), notice, now + NOTICE_LIFETIME);
    post(tx, app, &letter, now)?;
    Ok(())
}

fn hold_back(tx: &Tx<'_>, command: &Parts<ChangeUsername>, email: &EmailAddress) -> Result<(), Problem> {
    let customer = command.caller.customer_id.to_string();
    for subject in [["by", &customer], ["to", &email.key()]] {
        let refusal = "Too many codes were asked for in a short time. Try again later.";
        allowances::spend(tx, &command.app, &REQUESTS, &subject, refusal, command.now)?;
    }
    let receiver = ChannelValue::Email(email.clone());
    flood::spend(tx, &command.app, command.caller.organization_id, &receiver, command.now)
}

/// Forgets a waiting address with its code.
pub(super) fn forget(tx: &Tx<'_>, caller: &Caller, own: &Own) -> Result<(), crate::db::Error> {
    if let Some((_, key)) = &own.pending {
        store::set_pending(tx, caller, None)?;
        codes::forget(tx, &scope(caller, key))?;
    }
    Ok(())
}

/// What a code proves: that the customer reads the address that waits.
pub(super) fn scope(caller: &Caller, email_key: &str) -> Scope {
    Scope {
        organization_id: caller.organization_id,
        purpose: Purpose::Username,
        subject: caller.customer_id.to_string(),
        recipient: email_key.to_owned(),
    }
}

/// What happened to the caller's username.
pub(super) fn event(caller: &Caller, action: Action) -> Event {
    Event::new(caller.organization_id, action, Target::Customer(caller.customer_id))
}
