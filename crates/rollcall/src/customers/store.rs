//! The SQL of commands on customers.

use crate::db::{Error, Tx};
use crate::domain::person_name::PersonName;
use crate::http::caller::Caller;

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
