//! A stranger who accepts: what a new account needs, by the invitation that it comes from.

use serde_json::{Map, Value};

use super::{AcceptInvitation, unknown_here};
use crate::accounts::store::NewAccount;
use crate::allowances::client;
use crate::domain::email_address::EmailAddress;
use crate::domain::id::{CustomerId, DeliveryId, SessionId};
use crate::domain::invalid::Invalid;
use crate::domain::invitation::InvitationChannel;
use crate::domain::person_name::PersonName;
use crate::domain::token::Token;
use crate::http::open_command::OpenCommand;
use crate::invitations::preview::parse;
use crate::invitations::store::Linked;
use crate::problem::{Code, FieldError, Problem};
use crate::sessions::tokens::Tokens;

/// What is made of a new customer before the transaction.
pub(super) struct Newcomer {
    name: PersonName,
    surname: PersonName,
    email: EmailAddress,
    email_key: String,
    hash: String,
    pub(super) customer_id: CustomerId,
    pub(super) session_id: SessionId,
    pub(super) delivery_id: DeliveryId,
    pub(super) tokens: Tokens,
}

impl Newcomer {
    /// Checks what the account needs, and hashes its password. Whoever cannot accept anyway is asked for nothing.
    pub(super) async fn prepare(
        command: &OpenCommand<AcceptInvitation>,
        token: &Token,
    ) -> Result<Self, Problem> {
        let (app, now) = (&command.app, command.now);
        let digest = token.digest();
        let (counted, by) = (app.clone(), command.by.clone());
        let linked = app
            .db
            .read(move |reader| {
                // Before the hash, which is what costs.
                client::admit(reader, &counted, &by, &client::SIGN_UPS, now)?;
                unknown_here(reader, digest, now)
            })
            .await?;
        let AcceptInvitation { name, surname, password, email, .. } = command.body()?;
        let by_message = linked.stored.channel_type == InvitationChannel::Sms;
        let (Some(name), Some(surname), Some(password), true) =
            (name, surname, password, email.is_some() || !by_message)
        else {
            return Err(Problem::invalid(missing(&command.given(), &linked)));
        };
        let email = address(email.as_ref(), &linked)?;
        password
            .check_personal(name.as_str(), surname.as_str(), email.as_str())
            .map_err(|why| Problem::field("password", why))?;
        Ok(Self {
            name: name.clone(),
            surname: surname.clone(),
            email_key: email.key(),
            email,
            hash: app.passwords.hash(password.as_str(), &*app.entropy).await?,
            customer_id: app.fresh_id(now),
            session_id: app.fresh_id(now),
            delivery_id: app.fresh_id(now),
            tokens: Tokens::new(app),
        })
    }

    pub(super) fn account(&self) -> NewAccount<'_> {
        self.email.account(&self.email_key, self.name.as_str(), self.surname.as_str(), &self.hash)
    }
}

/// The faults of a body, with the fields that it lacks for a new account: all of them are told at once. Which those are depends on the
/// invitation, so that whoever cannot accept it is told of the faults alone.
pub(super) async fn with_what_is_missing(
    command: &OpenCommand<AcceptInvitation>,
    mut faulty: Problem,
) -> Problem {
    let given = command.given();
    let token = given.get("token").and_then(Value::as_str).and_then(|token| parse(token).ok());
    if let (Code::ValidationFailed, Some(token)) = (faulty.code, token) {
        let (digest, now) = (token.digest(), command.now);
        if let Ok(linked) = command.app.db.read(move |reader| unknown_here(reader, digest, now)).await {
            faulty.errors.extend(missing(&given, &linked));
        }
    }
    faulty
}

/// What a new account needs and is not given.
fn missing(given: &Map<String, Value>, linked: &Linked) -> Vec<FieldError> {
    let by_message = linked.stored.channel_type == InvitationChannel::Sms;
    let needed = ["name", "surname", "password"].into_iter().chain(by_message.then_some("email"));
    needed.filter(|field| given.get(*field).is_none_or(Value::is_null)).map(required).collect()
}

fn required(field: &str) -> FieldError {
    FieldError::new(
        field,
        Invalid::new("required", "A new account needs this. If you have one, sign in and accept."),
    )
}

/// The address of the new account: by mail it is the invited one.
fn address(given: Option<&EmailAddress>, linked: &Linked) -> Result<EmailAddress, Problem> {
    match (linked.stored.channel_type, given) {
        (InvitationChannel::Email, Some(email)) if email.key() != linked.channel_key => {
            Err(Problem::new(Code::InvitationForOtherAddress))
        }
        (InvitationChannel::Email, _) => {
            EmailAddress::parse(&linked.stored.channel).map_err(|_| Problem::new(Code::Internal))
        }
        (InvitationChannel::Sms, Some(email)) => Ok(email.clone()),
        (InvitationChannel::Sms, None) => Err(Problem::invalid(vec![required("email")])),
    }
}
