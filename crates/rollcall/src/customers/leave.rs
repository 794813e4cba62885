//! Deletes the caller's account, and with the last customer the organization.

use super::store::leave as store;
use crate::access;
use crate::accounts;
use crate::channels;
use crate::codes;
use crate::db::{Error, Tx, audit_chain};
use crate::domain::channel::Owner;
use crate::domain::event::{Action, By, Event, Target};
use crate::domain::free_text::FreeText;
use crate::domain::id::{FeedbackId, InvitationId};
use crate::domain::leaving::{Leaving, judge};
use crate::feedback::store::{self as feedback, Feedback};
use crate::http::caller::Caller;
use crate::http::command::Command;
use crate::http::reply::{Done, Reply};
use crate::invitations::lapse;
use crate::problem::{Code, Problem};

crate::body! {
    /// Why somebody leaves.
    pub struct DeleteCustomer {
        /// The reason, kept without your name: 1 to 200 characters.
        pub reason: FreeText<1, 200>,
        /// More about it, if you like: 2,000 characters at most.
        pub comment: Option<FreeText<0, 2000>>,
    }
}

/// Delete your account
///
/// Sessions, memberships, personal channels and codes are gone at once; what you did shows "former member". The last
/// customer of an organization takes it along, with its teams and services; else it is named after one of its roots where it was named
/// after you.
#[utoipa::path(
    delete, path = "/v1/customer", tag = "Customers", request_body = DeleteCustomer,
    responses(
        (status = 200, description = "The account is gone.", body = Done),
        (status = 409, description = "`last_root`: the organization has other customers, and you are its only root."),
    ),
)]
pub async fn delete_customer(command: Command<DeleteCustomer>) -> Result<Reply, Problem> {
    let feedback_id: FeedbackId = command.app.fresh_id(command.now);
    command
        .run(move |tx, command| {
            let (caller, now) = (&command.caller, command.now);
            let home = caller.organization_id;
            let DeleteCustomer { reason, comment } = command.admit(&tx)?;
            let mut organizations = store::guest_of(&tx, caller)?;
            organizations.insert(home);
            // In the order of their ids, so that no two who leave wait for each other. Where only messages name the caller, nobody may
            // try one of them again meanwhile.
            for organization_id in organizations.union(&store::named_in(&tx, caller)?) {
                if organizations.contains(organization_id) {
                    access::lock_organization(&tx, *organization_id)?;
                } else {
                    access::hold(&tx, *organization_id)?;
                }
            }
            let (others, other_roots) = store::others(&tx, caller)?;
            let leaving = judge(others, other_roots).map_err(|_| Problem::new(Code::LastRoot))?;

            let message = match comment.as_ref().map(FreeText::as_str).filter(|text| !text.is_empty()) {
                Some(comment) => format!("{}\n\n{comment}", reason.as_str()),
                None => reason.as_str().to_owned(),
            };
            let why = Feedback {
                customer_id: None,
                kind: "leaving",
                message: &message,
                category: None,
                rating: None,
            };
            feedback::insert(&tx, home, feedback_id, &why, now)?;
            let full_name = store::full_name(&tx, caller)?;
            store::delete_waiting(&tx, caller.customer_id, now)?;
            let invitations = forget_person(&tx, caller)?;
            store::delete_customer(&tx, caller)?;
            for organization_id in &organizations {
                lapse::withdraw_of_sender(&tx, *organization_id, caller.customer_id)?;
            }
            store::delete_identity(&tx, caller)?;
            // Last: whoever let the caller join somewhere just now was waited for.
            erase_addresses(&tx, caller, invitations)?;
            match leaving {
                Leaving::WithOrganization => delete_organization(&tx, caller)?,
                Leaving::Alone => store::rename_after_another(&tx, home, &full_name)?,
            }

            let reply = Reply::ok(&Done::new(match leaving {
                Leaving::Alone => "Your account is gone. Thank you for the time with us.",
                Leaving::WithOrganization => {
                    "Your account and your organization are gone. Thank you for the time with us."
                }
            }));
            let member = Target::Member(caller.customer_id);
            let mut events =
                vec![Event::new(home, Action::CustomerDeleted, Target::Customer(caller.customer_id))];
            organizations.remove(&home);
            events.extend(
                organizations.into_iter().map(|guest_of| Event::new(guest_of, Action::MemberRemoved, member)),
            );
            // The log keeps no address of who has left, this last one included.
            let by = By { ip: None, ..command.by.clone() };
            Ok(tx.commit_all(&by, now, &events, Ok(reply))?)
        })
        .await
}

/// What stands about a person outside the rows that go with the customer; gives the invitations that were theirs.
fn forget_person(tx: &Tx<'_>, caller: &Caller) -> Result<Vec<InvitationId>, Error> {
    let home = caller.organization_id;
    let (email, email_key) = store::address(tx, caller)?;
    let invitations = lapse::of_invited(tx, caller.customer_id, &email_key)?;
    store::delete_messages(tx, caller, &email)?;
    channels::store::delete_all(tx, home, Owner::Customer(caller.customer_id))?;
    store::delete_codes(tx, caller)?;
    lapse::forget_invited(tx, caller.customer_id, &email_key)?;
    accounts::store::delete_sign_up(tx, &email_key)?;
    codes::forget(tx, &accounts::sign_up::scope(&email_key))?;
    feedback::forget_customer(tx, home, caller.customer_id)?;
    Ok(invitations)
}

/// Whoever takes or declines an invitation, or fails to sign in, is known to nobody yet.
fn erase_addresses(tx: &Tx<'_>, caller: &Caller, invitations: Vec<InvitationId>) -> Result<(), Error> {
    audit_chain::erase_addresses(tx, caller.customer_id)?;
    audit_chain::erase_strangers(tx, Target::Customer(caller.customer_id))?;
    invitations.into_iter().try_for_each(|id| audit_chain::erase_strangers(tx, Target::Invitation(id)))
}

fn delete_organization(tx: &Tx<'_>, caller: &Caller) -> Result<(), Error> {
    let home = caller.organization_id;
    for team_id in store::teams(tx, home)? {
        channels::store::delete_all(tx, home, Owner::Team(team_id))?;
    }
    store::delete_organization(tx, home)
}
