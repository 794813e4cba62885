//! Confirms the address of a sign-up: the account begins, with an organization of its own or by its invitation.

use jiff::Timestamp;

use super::sign_up::scope;
use super::store::{self, NewAccount, SignUp};
use crate::app::App;
use crate::codes;
use crate::config::Signup;
use crate::db::{self, Tx};
use crate::domain::email_address::EmailAddress;
use crate::domain::event::{Action, By, Event, Target};
use crate::domain::id::{CustomerId, OrganizationId};
use crate::domain::one_time_code::{Code as OneTimeCode, Purpose};
use crate::http::open_command::OpenCommand;
use crate::http::reply::{Done, Reply};
use crate::invitations::accept::{begin_membership, events};
use crate::invitations::store::{self as invitations, Linked};
use crate::problem::{Code, Problem};

crate::body! {
    /// The proof of an address.
    pub struct ConfirmAccount {
        /// The address that was signed up.
        pub email: EmailAddress,
        /// The code that it got.
        pub confirmation_code: OneTimeCode,
    }
}

/// Confirm an account
///
/// Makes the account and its organization, whose root you are. Five tries for each code.
#[utoipa::path(
    patch, path = "/v1/account", tag = "Accounts", request_body = ConfirmAccount,
    responses(
        (status = 200, description = "The account is there: sign in.", body = Done),
        (status = 422, description = "`code_invalid` or `code_expired`."),
        (status = 429, description = "`attempts_exhausted`."),
    ),
)]
pub async fn confirm_account(command: OpenCommand<ConfirmAccount>) -> Result<Reply, Problem> {
    let customer_id: CustomerId = command.app.fresh_id(command.now);
    let organization_id: OrganizationId = command.app.fresh_id(command.now);
    command
        .run(move |tx, command| {
            let (app, now) = (&command.app, command.now);
            let ConfirmAccount { email, confirmation_code } = command.body()?;
            let refused = Event::new(OrganizationId::NONE, Action::SignUpCodeRefused, Target::Server);
            let Some(waiting) = store::sign_up(&tx, &email.key(), now)? else {
                let nobody = scope(&email.key());
                let refusal = codes::miss(&tx, app, &command.by, &nobody, confirmation_code, now)?;
                return command.refuse(tx, refused, refusal);
            };
            let scope = scope(&waiting.email_key);
            if let Err(refusal) = codes::guess(&tx, app, &command.by, &scope, confirmation_code, now)? {
                return command.refuse(tx, refused, refusal);
            }
            store::delete_sign_up(&tx, &waiting.email_key)?;
            if let Some(linked) = open_invitation(&tx, &waiting)? {
                insert(&tx, linked.organization_id, customer_id, &waiting, false, now)?;
                begin_membership(&tx, app, &linked, customer_id, now)?;
                let reply = Reply::ok(&Done::new(format!(
                    "Welcome to {}! Your account is ready: sign in.",
                    linked.team_name
                )));
                let by = By { actor: Some(customer_id), ..command.by.clone() };
                return Ok(tx.commit_all(&by, now, &events(&linked, customer_id), Ok(reply))?);
            }
            may_found(&tx, app, &waiting)?;
            let name = format!("{} {}", waiting.name, waiting.surname);
            store::insert_organization(&tx, organization_id, &name, app.plans.first(), now)?;
            insert(&tx, organization_id, customer_id, &waiting, true, now)?;
            let reply = Reply::ok(&Done::new("Welcome to Rollcall! Your account is ready: sign in."));
            let event = Event::new(organization_id, Action::CustomerCreated, Target::Customer(customer_id));
            command.commit_as(tx, customer_id, event, reply)
        })
        .await
}

/// What whoever would be the first customer claims.
const FIRST_CUSTOMER: i64 = 0x526f_6c6c_6669_7273;

/// Whether a sign-up without an open invitation founds an organization. It may have begun when that was still allowed, and of several who were
/// first one is.
///
/// # Errors
/// 403 `signup_closed`.
fn may_found(tx: &Tx<'_>, app: &App, waiting: &SignUp) -> Result<(), Problem> {
    if app.policy.signup != Signup::Invited {
        return Ok(());
    }
    if waiting.invitation.is_some() {
        let detail = "The invitation was taken back meanwhile. Ask for a new one.";
        return Err(Problem::because(Code::SignupClosed, detail));
    }
    if !tx.claim(FIRST_CUSTOMER)? || store::any_customer(tx)? {
        return Err(Problem::new(Code::SignupClosed));
    }
    Ok(())
}

/// The invitation that the sign-up came by, unless it was withdrawn, declined or accepted by somebody else.
fn open_invitation(tx: &Tx<'_>, waiting: &SignUp) -> Result<Option<Linked>, db::Error> {
    let Some((organization_id, invitation_id)) = waiting.invitation else { return Ok(None) };
    let linked = invitations::linked(tx, organization_id, invitation_id)?;
    // Accepted in time: the days that it was open for do not count any more.
    Ok(linked.filter(|linked| linked.stored.status == "pending"))
}

fn insert(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    customer_id: CustomerId,
    waiting: &SignUp,
    root: bool,
    now: Timestamp,
) -> Result<(), Problem> {
    let account = NewAccount {
        email: &waiting.email,
        email_key: &waiting.email_key,
        name: &waiting.name,
        surname: &waiting.surname,
        password_hash: &waiting.password_hash,
    };
    match store::insert_customer(tx, organization_id, customer_id, &account, root, now) {
        // Somebody has proved the address meanwhile, by an invitation or as a new username.
        Err(db::Error::Unique(_)) => Err(codes::wrong(Purpose::SignUp)),
        inserted => Ok(inserted?),
    }
}
