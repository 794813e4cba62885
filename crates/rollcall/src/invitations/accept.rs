//! Accepts an invitation: a customer who is signed in joins at once, a stranger makes an account with it.

use serde::Serialize;
use utoipa::ToSchema;

use super::preview::parse;
use super::store::{self, Linked, Purpose};
use crate::access;
use crate::accounts::{self, store::NewAccount};
use crate::app::App;
use crate::db::{Committed, Tx};
use crate::domain::email_address::EmailAddress;
use crate::domain::event::{Action, By, Event, Target};
use crate::domain::id::{CustomerId, DeliveryId, OrganizationId, SessionId};
use crate::domain::invalid::Invalid;
use crate::domain::invitation::{InvitationChannel, Status};
use crate::domain::password::Password;
use crate::domain::person_name::PersonName;
use crate::domain::plan::LimitKey;
use crate::domain::token::Token;
use crate::http::caller::Caller;
use crate::http::command::{Answer, Halt};
use crate::http::open_command::{OpenCommand, Parts};
use crate::http::reply::Reply;
use crate::members::{self, view::MemberChanged, view::MemberView};
use crate::organizations::limits;
use crate::problem::{Code, FieldError, Problem};
use crate::sessions::store::Origin;
use crate::sessions::tokens::{SignedIn, Tokens};

crate::body! {
    /// A link's token and, without an access token, the new account.
    pub struct AcceptInvitation {
        /// What follows `token=` in the link.
        pub token: String,
        /// First name; for a new account.
        pub name: Option<PersonName>,
        /// Surname; for a new account.
        pub surname: Option<PersonName>,
        /// The password of the new account.
        pub password: Option<Password>,
        /// The username of a new account by an invitation that was sent as a text message.
        pub email: Option<EmailAddress>,
    }
}

/// A new customer who has joined, signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct JoinedAsNew {
    #[serde(flatten)]
    signed_in: SignedIn,
    /// The membership.
    member: MemberView,
}

/// A new customer whose address waits for its code.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConfirmationRequired {
    /// What to do next.
    message: String,
    /// Always true: `PATCH /v1/account` with the code begins account and membership.
    confirmation_required: bool,
}

/// What a new customer gets.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum AcceptedAsNew {
    /// By the link that was mailed: the address is proved.
    Joined(Box<JoinedAsNew>),
    /// By any other link.
    ToConfirm(ConfirmationRequired),
}

/// Who accepts.
enum Guest {
    /// A customer who is signed in.
    Customer(Caller),
    /// Somebody new.
    New(Box<NewCustomer>),
}

/// What is made of a new customer before the transaction.
struct NewCustomer {
    name: PersonName,
    surname: PersonName,
    hash: String,
    customer_id: CustomerId,
    session_id: SessionId,
    delivery_id: DeliveryId,
    tokens: Tokens,
}

impl NewCustomer {
    fn account<'a>(&'a self, email: &'a EmailAddress, email_key: &'a str) -> NewAccount<'a> {
        email.account(email_key, self.name.as_str(), self.surname.as_str(), &self.hash)
    }
}

/// Accept an invitation
///
/// Signed in you join at once. Without an access token you make an account: `name`, `surname` and `password` are then
/// required, and `email` for an invitation that was sent as a text message.
#[utoipa::path(
    post, path = "/v1/invitation/accept", tag = "Invitations", request_body = AcceptInvitation,
    responses(
        (status = 200, description = "You have joined.", body = MemberChanged),
        (status = 201, description = "Your account is made, or waits for the code that went to its address.", body = AcceptedAsNew),
        (status = 403, description = "`invitation_for_other_address`."),
        (status = 404, description = "`not_found`: no such link was ever made."),
        (status = 409, description = "`invitation_not_pending`, `account_exists`, `already_member` or `limit_reached`."),
    ),
)]
pub async fn accept_invitation(command: OpenCommand<AcceptInvitation>) -> Result<Reply, Problem> {
    let token = parse(&command.body()?.token)?;
    let guest = match command.caller {
        Some(caller) => Guest::Customer(caller),
        None => prepare(&command, &token).await?,
    };
    command
        .run(move |tx, command| {
            let linked = store::by_token(&tx, token.digest())?.ok_or_else(Problem::not_found)?;
            if linked.status(command.now) != Status::Pending {
                return Err(Problem::new(Code::InvitationNotPending).into());
            }
            match &guest {
                Guest::Customer(caller) => join(tx, command, caller, &linked),
                Guest::New(new) => {
                    let address = address(command.body()?, &linked)?;
                    let (key, email) = (address.key(), &address);
                    let account = new.account(email, &key);
                    let by_mail = linked.stored.channel_type == InvitationChannel::Email;
                    if by_mail && accounts::store::find(&tx, &key)?.is_some() {
                        return Err(Problem::new(Code::AccountExists).into());
                    }
                    if by_mail && linked.purpose == Purpose::Sent {
                        join_as_new(tx, command, &linked, &account, new)
                    } else {
                        ask_to_confirm(tx, command, &linked, &account, new)
                    }
                }
            }
        })
        .await
}

/// Checks what a new account needs, and hashes its password.
async fn prepare(command: &OpenCommand<AcceptInvitation>, token: &Token) -> Result<Guest, Problem> {
    let AcceptInvitation { name, surname, password, email, .. } = command.body()?;
    let (Some(name), Some(surname), Some(password)) = (name, surname, password) else {
        // Whether `email` is missing as well depends on how the invitation was sent.
        let addressed = email.is_some() || !by_sms(command, token).await?;
        let given = [
            ("name", name.is_some()),
            ("surname", surname.is_some()),
            ("email", addressed),
            ("password", password.is_some()),
        ];
        return Err(Problem::invalid(
            given.into_iter().filter(|(_, given)| !given).map(|(field, _)| missing(field)).collect(),
        ));
    };
    let email = email.as_ref().map(EmailAddress::as_str).unwrap_or_default();
    password
        .check_personal(name.as_str(), surname.as_str(), email)
        .map_err(|why| Problem::field("password", why))?;
    let app = &command.app;
    Ok(Guest::New(Box::new(NewCustomer {
        name: name.clone(),
        surname: surname.clone(),
        hash: app.passwords.hash(password.as_str(), &*app.entropy).await?,
        customer_id: app.fresh_id(command.now),
        session_id: app.fresh_id(command.now),
        delivery_id: app.fresh_id(command.now),
        tokens: Tokens::new(app),
    })))
}

async fn by_sms(command: &OpenCommand<AcceptInvitation>, token: &Token) -> Result<bool, Problem> {
    let digest = token.digest();
    let linked =
        command.app.db.read(move |reader| store::by_token(reader, digest)).await.map_err(Problem::from)?;
    Ok(linked.is_some_and(|linked| linked.stored.channel_type == InvitationChannel::Sms))
}

fn missing(field: &str) -> FieldError {
    FieldError::new(
        field,
        Invalid::new("required", "A new account needs this. If you have one, sign in and accept."),
    )
}

/// The address of the new account: by mail it is the invited one.
fn address(body: &AcceptInvitation, linked: &Linked) -> Result<EmailAddress, Problem> {
    match (linked.stored.channel_type, &body.email) {
        (InvitationChannel::Email, Some(email)) if email.key() != linked.channel_key => {
            Err(Problem::new(Code::InvitationForOtherAddress))
        }
        (InvitationChannel::Email, _) => {
            EmailAddress::parse(&linked.stored.channel).map_err(|_| Problem::new(Code::Internal))
        }
        (InvitationChannel::Sms, Some(email)) => Ok(email.clone()),
        (InvitationChannel::Sms, None) => Err(Problem::invalid(vec![missing("email")])),
    }
}

/// A customer joins, at home or as a guest.
fn join(
    tx: Tx<'_>,
    command: &Parts<AcceptInvitation>,
    caller: &Caller,
    linked: &Linked,
) -> Result<Committed<Answer>, Halt> {
    if linked.stored.channel_type == InvitationChannel::Email {
        let invited = accounts::store::find(&tx, &linked.channel_key)?;
        if invited.is_none_or(|known| known.customer_id != caller.customer_id) {
            return Err(Problem::new(Code::InvitationForOtherAddress).into());
        }
    }
    let member = begin_membership(&tx, &command.app, linked, caller.customer_id, command.now)?;
    let message = format!("Welcome to {}!", linked.team_name);
    let target = Target::Invitation(linked.stored.invitation_id);
    let event = Event::new(linked.organization_id, Action::InvitationAccepted, target);
    command.commit(tx, event, Reply::ok(&MemberChanged { message, member }))
}

/// The mailed link proves the address: account, membership and session begin at once.
fn join_as_new(
    tx: Tx<'_>,
    command: &Parts<AcceptInvitation>,
    linked: &Linked,
    account: &NewAccount<'_>,
    new: &NewCustomer,
) -> Result<Committed<Answer>, Halt> {
    let (organization_id, now) = (linked.organization_id, command.now);
    accounts::store::delete_sign_up(&tx, account.email_key)?;
    accounts::store::insert_customer(&tx, organization_id, new.customer_id, account, false, now)?;
    let member = begin_membership(&tx, &command.app, linked, new.customer_id, now)?;
    let origin =
        Origin { ip: command.by.ip.map(|ip| ip.to_string()), user_agent: command.user_agent.as_deref() };
    crate::sessions::store::insert(&tx, organization_id, new.customer_id, new.session_id, &origin, now)?;
    new.tokens.keep(&tx, organization_id, new.customer_id, new.session_id, now)?;
    let message = format!("Welcome to {}! You are signed in.", linked.team_name);
    let signed_in = new.tokens.signed_in(&tx, &message, organization_id, new.customer_id)?;
    let joined = AcceptedAsNew::Joined(Box::new(JoinedAsNew { signed_in, member }));
    let by = By { actor: Some(new.customer_id), ..command.by.clone() };
    Ok(tx.commit_all(&by, now, &events(linked, new.customer_id), Ok(Reply::created(&joined)))?)
}

/// No link but the mailed one proves an address: the code does, and the membership begins with it.
fn ask_to_confirm(
    tx: Tx<'_>,
    command: &Parts<AcceptInvitation>,
    linked: &Linked,
    account: &NewAccount<'_>,
    new: &NewCustomer,
) -> Result<Committed<Answer>, Halt> {
    let invitation = Some((linked.organization_id, linked.stored.invitation_id));
    accounts::sign_up::ask(&tx, &command.app, account, invitation, new.delivery_id, command.now)?;
    let reply = Reply::created(&AcceptedAsNew::ToConfirm(ConfirmationRequired {
        message: "Almost there: we have sent a six-digit code to your address. You join the team once you confirm it."
            .to_owned(),
        confirmation_required: true,
    }));
    let target = Target::Invitation(linked.stored.invitation_id);
    command.commit(tx, Event::new(linked.organization_id, Action::InvitationClaimed, target), reply)
}

/// What happened when a new customer has joined.
pub(crate) fn events(linked: &Linked, customer_id: CustomerId) -> [Event; 2] {
    let event = |action, target| Event::new(linked.organization_id, action, target);
    [
        event(Action::CustomerCreated, Target::Customer(customer_id)),
        event(Action::InvitationAccepted, Target::Invitation(linked.stored.invitation_id)),
    ]
}

/// Ends the invitation and begins the membership, within the plan's limits.
///
/// # Errors
/// 409 `invitation_not_pending`, `already_member`, `limit_reached`.
pub(crate) fn begin_membership(
    tx: &Tx<'_>,
    app: &App,
    linked: &Linked,
    customer_id: CustomerId,
    now: jiff::Timestamp,
) -> Result<MemberView, Problem> {
    let organization_id: OrganizationId = linked.organization_id;
    access::lock_organization(tx, organization_id)?;
    if members::store::find(tx, organization_id, linked.team_id, customer_id)?.is_some() {
        return Err(Problem::new(Code::AlreadyMember));
    }
    if !store::end(tx, organization_id, linked.stored.invitation_id, "accepted")? {
        return Err(Problem::new(Code::InvitationNotPending));
    }
    let there = members::store::count(tx, organization_id, linked.team_id)?;
    limits::check(tx, &app.plans, organization_id, LimitKey::TeamMembers, there)?;
    members::store::insert(tx, organization_id, linked.team_id, customer_id, linked.stored.role, now)?;
    let member = members::store::find(tx, organization_id, linked.team_id, customer_id)?;
    Ok(member.ok_or_else(Problem::not_found)?.view())
}
