//! The SQL of commands on teams.

use jiff::Timestamp;

use crate::access::Team;
use crate::db::{Error, Reader, Tx};
use crate::domain::id::{CustomerId, OrganizationId, TeamId};
use crate::domain::team_name::TeamName;
use crate::http::caller::Caller;

/// Adds a team with its first member, who manages it.
pub(crate) fn insert(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    team_id: TeamId,
    name: &TeamName,
    creator: CustomerId,
    now: Timestamp,
) -> Result<(), Error> {
    tx.send("insert into directory (id, organization_id) values ($1, $2)", (team_id, organization_id))?;
    tx.send(
        "insert into team (organization_id, team_id, name, name_key, created_at) values ($1, $2, $3, $4, $5)",
        (organization_id, team_id, name.as_str(), name.key(), now),
    )?;
    tx.send(
        "insert into membership (organization_id, team_id, customer_id, role, joined_at)
         values ($1, $2, $3, 'manager', $4)",
        (organization_id, team_id, creator, now),
    )?;
    Ok(())
}

/// Changes the name.
pub(crate) fn rename(tx: &Tx<'_>, team: &Team, name: &TeamName) -> Result<(), Error> {
    tx.execute(
        "update team set name = $3, name_key = $4, version = version + 1
         where organization_id = $1 and team_id = $2",
        (team.organization_id, team.team_id, name.as_str(), name.key()),
    )?;
    Ok(())
}

/// How many customers joined.
pub(crate) fn member_count(reader: &Reader<'_>, team: &Team) -> Result<i64, Error> {
    let (count,) = reader.fetch_one(
        "select count(*) from membership where organization_id = $1 and team_id = $2",
        (team.organization_id, team.team_id),
    )?;
    Ok(count)
}

/// How many teams an organization has.
pub(crate) fn count(reader: &Reader<'_>, organization_id: OrganizationId) -> Result<i64, Error> {
    let (count,) =
        reader.fetch_one("select count(*) from team where organization_id = $1", (organization_id,))?;
    Ok(count)
}

/// Whether a customer may make teams at home: a root, or a manager of any team of the organization.
pub(crate) fn may_create(reader: &Reader<'_>, caller: &Caller) -> Result<bool, Error> {
    let found: Option<(i64,)> = reader.fetch_optional(
        "select 1 from customer where organization_id = $1 and customer_id = $2 and root
         union all
         select 1 from membership where organization_id = $1 and customer_id = $2 and role = 'manager'
         limit 1",
        (caller.organization_id, caller.customer_id),
    )?;
    Ok(found.is_some())
}

/// Deletes a team with its memberships and invitations. Its channels are deleted before, with what waits for them.
pub(crate) fn delete(tx: &Tx<'_>, team: &Team) -> Result<(), Error> {
    tx.execute(
        "delete from invitation_token where organization_id = $1 and invitation_id in (
           select invitation_id from invitation where organization_id = $1 and team_id = $2)",
        (team.organization_id, team.team_id),
    )?;
    tx.execute(
        "delete from team where organization_id = $1 and team_id = $2",
        (team.organization_id, team.team_id),
    )?;
    tx.execute(
        "delete from directory where id = $1 and organization_id = $2",
        (team.team_id, team.organization_id),
    )?;
    Ok(())
}
