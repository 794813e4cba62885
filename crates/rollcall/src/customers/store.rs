//! The SQL of commands on customers.

pub(super) mod leave;

use crate::access;
use crate::db::{Error, Tx};
use crate::domain::person_name::PersonName;
use crate::http::caller::Caller;
use crate::problem::Problem;

/// The caller, as commands on the username find them.
pub(super) struct Own {
    /// The username.
    pub(super) email: String,
    /// The whole name.
    pub(super) person: String,
    /// The address that waits to become it, as it was typed and folded.
    pub(super) pending: Option<(String, String)>,
}

/// The caller, taken for this command: whoever else wants to change them waits.
pub(super) fn take(tx: &Tx<'_>, caller: &Caller) -> Result<Own, Problem> {
    access::lock_organization(tx, caller.organization_id)?;
    let pending: Option<(Option<String>, Option<String>)> = tx.fetch_optional(
        "update customer set version = version + 1 where organization_id = $1 and customer_id = $2
         returning pending_email, pending_email_key",
        (caller.organization_id, caller.customer_id),
    )?;
    // Whoever has left since the request was let in is not found.
    let (typed, key) = pending.ok_or_else(Problem::not_found)?;
    let (email, name, surname): (String, String, String) = tx.fetch_one(
        "select email, name, surname from identity where organization_id = $1 and customer_id = $2",
        (caller.organization_id, caller.customer_id),
    )?;
    Ok(Own { email, person: format!("{name} {surname}"), pending: typed.zip(key) })
}

/// Changes name and surname, each where one is given.
pub(super) fn rename(
    tx: &Tx<'_>,
    caller: &Caller,
    name: Option<&PersonName>,
    surname: Option<&PersonName>,
) -> Result<(), Error> {
    tx.execute(
        "update identity set name = coalesce($3, name), surname = coalesce($4, surname)
         where organization_id = $1 and customer_id = $2",
        (
            caller.organization_id,
            caller.customer_id,
            name.map(PersonName::as_str),
            surname.map(PersonName::as_str),
        ),
    )?;
    Ok(())
}

/// Lets an address wait, as it was typed and folded, or none.
pub(super) fn set_pending(tx: &Tx<'_>, caller: &Caller, pending: Option<(&str, &str)>) -> Result<(), Error> {
    let (email, key) = pending.unzip();
    tx.execute(
        "update customer set pending_email = $3, pending_email_key = $4
         where organization_id = $1 and customer_id = $2",
        (caller.organization_id, caller.customer_id, email, key),
    )?;
    Ok(())
}

/// Makes an address the username, so that none waits. [`Error::Unique`] where another customer has it.
pub(super) fn set_username(tx: &Tx<'_>, caller: &Caller, email: &str, key: &str) -> Result<(), Error> {
    tx.execute(
        "update identity set email = $3, email_key = $4 where organization_id = $1 and customer_id = $2",
        (caller.organization_id, caller.customer_id, email, key),
    )?;
    set_pending(tx, caller, None)
}
