//! Asks for an account. Everybody gets the same answer; only the owner of the address learns whether there was one.

use std::time::Duration;

use jiff::Timestamp;
use notify::Destination;
use utoipa::ToSchema;

use super::store::{self, NewAccount};
use crate::allowances::{self, Allowance, client};
use crate::app::App;
use crate::codes::{self, Pace, Scope};
use crate::config::Signup;
use crate::db::{self, Tx};
use crate::domain::email_address::EmailAddress;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::{DeliveryId, InvitationId, OrganizationId};
use crate::domain::one_time_code::{LIFETIME, Purpose};
use crate::domain::password::Password;
use crate::domain::person_name::PersonName;
use crate::http::body::{Body, Fields};
use crate::http::open_command::OpenCommand;
use crate::http::reply::{Done, Reply};
use crate::messages::account;
use crate::outbox::post::{Letter, post};
use crate::problem::{Code, Problem};

/// How often an address gets mail because somebody signs it up: enough for typing errors, too little to bother.
const MAILS: Allowance = Allowance { name: "sign_up_mail", limit: 5, window: Duration::from_secs(10 * 60) };

/// How many one mailbox gets however its address is tagged.
const MAILS_TO_A_MAILBOX: Allowance =
    Allowance { name: "sign_up_mail_to_a_mailbox", limit: 300, window: Duration::from_secs(24 * 60 * 60) };

/// A new account.
#[derive(Debug, ToSchema)]
pub struct SignUp {
    /// First name.
    name: PersonName,
    /// Surname.
    surname: PersonName,
    /// The username. A code goes there.
    email: EmailAddress,
    /// The password.
    password: Password,
}

impl Body for SignUp {
    /// By hand: which passwords are refused depends on the names and the address, as far as those can be read.
    fn read(fields: &mut Fields) -> Option<Self> {
        let name = fields.take::<PersonName>("name");
        let surname = fields.take::<PersonName>("surname");
        let email = fields.take::<EmailAddress>("email");
        let password = fields.take::<Password>("password");
        let own = [
            name.as_ref().map_or("", PersonName::as_str),
            surname.as_ref().map_or("", PersonName::as_str),
            email.as_ref().map_or("", EmailAddress::as_str),
        ];
        let password = fields.parsed("password", || {
            let password = password?;
            Some(password.check_personal(own[0], own[1], own[2]).map(|()| password))
        });
        Some(Self { name: name?, surname: surname?, email: email?, password: password? })
    }
}

/// Sign up
///
/// A six-digit code goes to the address; `PATCH /v1/account` confirms it within ten minutes. An address that has an
/// account gets the same answer, and its owner a mail that says so.
#[utoipa::path(
    post, path = "/v1/account", tag = "Accounts", request_body = SignUp,
    responses(
        (status = 201, description = "A code is on its way.", body = Done),
        (status = 403, description = "`signup_closed`: accounts are made by invitation here."),
    ),
)]
pub async fn sign_up(command: OpenCommand<SignUp>) -> Result<Reply, Problem> {
    let SignUp { email, password, .. } = command.body()?;
    let (app, by, now) = (command.app.clone(), command.by.clone(), command.now);
    // Before the hash, which is what costs.
    command.app.db.read(move |reader| client::admit(reader, &app, &by, &client::SIGN_UPS, now)).await?;
    let hash = command.app.passwords.hash(password.as_str(), &*command.app.entropy).await?;
    let (email_key, delivery_id) = (email.key(), command.app.fresh_id(command.now));
    command
        .run(move |tx, command| {
            let app = &command.app;
            if app.policy.signup == Signup::Invited && store::any_customer(&tx)? {
                return Err(Problem::new(Code::SignupClosed).into());
            }
            client::spend(&tx, app, &command.by, &client::SIGN_UPS, command.now)?;
            let SignUp { name, surname, email, .. } = command.body()?;
            let account = email.account(&email_key, name.as_str(), surname.as_str(), &hash);
            ask(&tx, app, &account, None, delivery_id, command.now)?;
            let reply = Reply::created(&Done::new(
                "Almost there: we have sent a six-digit code to your address. It is valid for ten minutes.",
            ));
            let event = Event::new(OrganizationId::NONE, Action::SignUpRequested, Target::Server);
            command.commit(tx, event, reply)
        })
        .await
}

/// Keeps a sign-up and sends its code; where the address has an account, tells its owner instead.
pub(crate) fn ask(
    tx: &Tx<'_>,
    app: &App,
    account: &NewAccount<'_>,
    invitation: Option<(OrganizationId, InvitationId)>,
    delivery_id: DeliveryId,
    now: Timestamp,
) -> Result<(), Problem> {
    if !may_mail(tx, app, account.email, account.email_key, now)? {
        // Said to nobody: the answer is the same for everybody.
        return Ok(());
    }
    let letter = if let Some(known) = store::find(tx, account.email_key)? {
        let whose = (known.organization_id, known.customer_id);
        Letter::about(whose, delivery_id, known.email, account::exists(app), now + LIFETIME)
    } else {
        store::put_sign_up(tx, account, invitation, now)?;
        let code = codes::issue(tx, app, &scope(account.email_key), Pace::First, now)?;
        letter(delivery_id, account.email.to_owned(), account::confirmation(app, account.email, code), now)
    };
    post(tx, app, &letter, now)?;
    Ok(())
}

/// Counts a mail to an address that is signed up, or says that it has got enough.
pub(super) fn may_mail(
    tx: &Tx<'_>,
    app: &App,
    email: &str,
    email_key: &str,
    now: Timestamp,
) -> Result<bool, db::Error> {
    let mailbox = EmailAddress::parse(email).map_or_else(|_| email_key.to_owned(), |email| email.mailbox());
    let left = |what: &Allowance, subject: &str| -> Result<bool, db::Error> {
        Ok(allowances::take(tx, &allowances::key(app, what, &[subject]), what, now)?.is_none())
    };
    Ok(left(&MAILS, email_key)? && (!app.policy.rate_limits || left(&MAILS_TO_A_MAILBOX, &mailbox)?))
}

/// What the code of a sign-up proves.
pub(crate) fn scope(email_key: &str) -> Scope {
    Scope {
        organization_id: OrganizationId::NONE,
        purpose: Purpose::SignUp,
        subject: email_key.to_owned(),
        recipient: email_key.to_owned(),
    }
}

/// A mail to an address that belongs to no organization yet, of no use once its code has ended.
pub(super) fn letter(
    delivery_id: DeliveryId,
    address: String,
    message: crate::messages::Message,
    now: Timestamp,
) -> Letter {
    Letter {
        organization_id: OrganizationId::NONE,
        delivery_id,
        channel_id: None,
        customer_id: None,
        receiver: Destination::Email(address),
        message,
        expires_at: now + LIFETIME,
    }
}
