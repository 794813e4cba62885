//! The SQL of commands on organizations.

use crate::db::{Error, Tx};
use crate::domain::id::OrganizationId;
use crate::domain::organization_name::OrganizationName;

/// Changes the name.
pub(super) fn rename(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    name: &OrganizationName,
) -> Result<(), Error> {
    tx.execute(
        "update organization set name = $2, version = version + 1 where organization_id = $1",
        (organization_id, name.as_str()),
    )?;
    Ok(())
}
