//! The SQL of commands on services.

use jiff::Timestamp;

use super::view::ServiceView;
use crate::access::Team;
use crate::db::{Error, Reader, Tx};
use crate::domain::id::{OrganizationId, ServiceId};
use crate::domain::service_name::ServiceName;

/// Adds a service to a team.
pub(super) fn insert(
    tx: &Tx<'_>,
    team: &Team,
    service_id: ServiceId,
    name: &ServiceName,
    now: Timestamp,
) -> Result<(), Error> {
    let organization_id = team.organization_id;
    tx.execute("insert into directory (id, organization_id) values ($1, $2)", (service_id, organization_id))?;
    tx.execute(
        "insert into service (organization_id, service_id, team_id, name, name_key, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $6)",
        (organization_id, service_id, team.team_id, name.as_str(), name.key(), now),
    )?;
    Ok(())
}

/// A service of a team.
pub(super) fn find(reader: &Reader<'_>, team: &Team, service_id: ServiceId) -> Result<ServiceView, Error> {
    let (name, created_at, updated_at): (String, Timestamp, Timestamp) = reader.fetch_one(
        "select name, created_at, updated_at from service where organization_id = $1 and service_id = $2",
        (team.organization_id, service_id),
    )?;
    let team_id = team.team_id;
    Ok(ServiceView {
        service_id,
        name,
        team_id,
        created_at: created_at.into(),
        updated_at: updated_at.into(),
    })
}

/// Changes the name.
pub(super) fn rename(
    tx: &Tx<'_>,
    team: &Team,
    service_id: ServiceId,
    name: &ServiceName,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "update service set name = $3, name_key = $4, updated_at = $5
         where organization_id = $1 and service_id = $2",
        (team.organization_id, service_id, name.as_str(), name.key(), now),
    )?;
    Ok(())
}

/// Deletes a service.
pub(super) fn delete(tx: &Tx<'_>, team: &Team, service_id: ServiceId) -> Result<(), Error> {
    tx.execute(
        "delete from service where organization_id = $1 and service_id = $2",
        (team.organization_id, service_id),
    )?;
    tx.execute(
        "delete from directory where id = $1 and organization_id = $2",
        (service_id, team.organization_id),
    )?;
    Ok(())
}

/// How many services an organization has.
pub(super) fn count(reader: &Reader<'_>, organization_id: OrganizationId) -> Result<i64, Error> {
    let (count,) =
        reader.fetch_one("select count(*) from service where organization_id = $1", (organization_id,))?;
    Ok(count)
}

/// Whether a team owns services.
pub(crate) fn any_of_team(reader: &Reader<'_>, team: &Team) -> Result<bool, Error> {
    let row: Option<(i64,)> = reader.fetch_optional(
        "select 1 from service where organization_id = $1 and team_id = $2 limit 1",
        (team.organization_id, team.team_id),
    )?;
    Ok(row.is_some())
}
