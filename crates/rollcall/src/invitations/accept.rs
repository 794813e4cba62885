//! Accepts an invitation: a customer who is signed in joins at once, a stranger makes an account with it.

mod newcomer;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use self::newcomer::Newcomer;
use super::preview::parse;
use super::store::{self, Linked, Purpose};
use crate::access::{self, Ground};
use crate::accounts;
use crate::allowances::client;
use crate::app::App;
use crate::db::{Committed, Tx};
use crate::domain::email_address::EmailAddress;
use crate::domain::event::{Action, By, Event, Target};
use crate::domain::id::{CustomerId, OrganizationId};
use crate::domain::invitation::{InvitationChannel, Status};
use crate::domain::password::Password;
use crate::domain::person_name::PersonName;
use crate::domain::plan::LimitKey;
use crate::http::caller::Caller;
use crate::http::command::{Answer, Halt};
use crate::http::open_command::{OpenCommand, Parts};
use crate::http::reply::Reply;
use crate::members::{self, view::MemberChanged, view::MemberView};
use crate::organizations::limits;
use crate::problem::{Code, Problem};
use crate::sessions::store::Origin;
use crate::sessions::tokens::SignedIn;

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
    New(Box<Newcomer>),
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
    let body = match (command.body(), command.caller) {
        (Err(faulty), None) => return Err(newcomer::with_what_is_missing(&command, faulty).await),
        (body, _) => body?,
    };
    let token = parse(&body.token)?;
    let guest = match command.caller {
        Some(caller) => Guest::Customer(caller),
        None => Guest::New(Box::new(Newcomer::prepare(&command, &token).await?)),
    };
    command
        .run(move |tx, command| match &guest {
            Guest::Customer(caller) => {
                let linked = open(&tx, token.digest(), command.now)?;
                join(tx, command, caller, &linked)
            }
            Guest::New(new) => {
                let linked = unknown_here(&tx, token.digest(), command.now)?;
                let by_mail = linked.stored.channel_type == InvitationChannel::Email;
                if by_mail && linked.purpose == Purpose::Sent {
                    join_as_new(tx, command, &linked, new)
                } else {
                    ask_to_confirm(tx, command, &linked, new)
                }
            }
        })
        .await
}

/// The invitation behind a link, while it can be accepted.
fn open(ground: &impl Ground, digest: [u8; 32], now: Timestamp) -> Result<Linked, Problem> {
    let linked = store::by_token(ground, digest)?.ok_or_else(Problem::not_found)?;
    match linked.status(now) {
        Status::Pending => Ok(linked),
        _ => Err(Problem::new(Code::InvitationNotPending)),
    }
}

/// The same for a stranger: who was invited by mail and has an account signs in with it.
fn unknown_here(ground: &impl Ground, digest: [u8; 32], now: Timestamp) -> Result<Linked, Problem> {
    let linked = open(ground, digest, now)?;
    let by_mail = linked.stored.channel_type == InvitationChannel::Email;
    if by_mail && accounts::store::find(ground.reader(), &linked.channel_key)?.is_some() {
        return Err(Problem::new(Code::AccountExists));
    }
    Ok(linked)
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
    new: &Newcomer,
) -> Result<Committed<Answer>, Halt> {
    let (organization_id, now) = (linked.organization_id, command.now);
    let account = new.account();
    accounts::store::delete_sign_up(&tx, account.email_key)?;
    accounts::store::insert_customer(&tx, organization_id, new.customer_id, &account, false, now)?;
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
    new: &Newcomer,
) -> Result<Committed<Answer>, Halt> {
    let invitation = Some((linked.organization_id, linked.stored.invitation_id));
    client::spend(&tx, &command.app, &command.by, &client::SIGN_UPS, command.now)?;
    accounts::sign_up::ask(&tx, &command.app, &new.account(), invitation, new.delivery_id, command.now)?;
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
    now: Timestamp,
) -> Result<MemberView, Problem> {
    let organization_id: OrganizationId = linked.organization_id;
    access::lock_organization(tx, organization_id)?;
    if members::store::find(tx, organization_id, linked.team_id, customer_id)?.is_some() {
        return Err(Problem::new(Code::AlreadyMember));
    }
    if !store::accept(tx, organization_id, linked.stored.invitation_id, customer_id)? {
        return Err(Problem::new(Code::InvitationNotPending));
    }
    let there = || members::store::count(tx, organization_id, linked.team_id);
    limits::check(tx, &app.plans, organization_id, LimitKey::TeamMembers, there)?;
    members::store::insert(tx, organization_id, linked.team_id, customer_id, linked.stored.role, now)?;
    let member = members::store::find(tx, organization_id, linked.team_id, customer_id)?;
    Ok(member.ok_or_else(Problem::not_found)?.view())
}
