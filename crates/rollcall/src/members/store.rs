//! The SQL of commands on members.

use jiff::Timestamp;

use super::view::MemberView;
use crate::db::{Error, Reader, Tx};
use crate::domain::id::{CustomerId, OrganizationId, TeamId};
use crate::domain::membership::Membership;
use crate::domain::role::InvitedRole;

/// A membership with who it is.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) customer_id: CustomerId,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) surname: String,
    pub(crate) membership: Membership,
    pub(crate) joined_at: Timestamp,
}

impl Member {
    /// Name and surname.
    pub(crate) fn full_name(&self) -> String {
        format!("{} {}", self.name, self.surname)
    }

    /// As clients see it.
    pub(crate) fn view(&self) -> MemberView {
        MemberView {
            customer_id: self.customer_id,
            email: self.email.clone(),
            name: self.name.clone(),
            surname: self.surname.clone(),
            full_name: self.full_name(),
            role: self.membership.shown(),
            joined_at: self.joined_at.into(),
        }
    }
}

/// A member of a team.
pub(crate) fn find(
    reader: &Reader<'_>,
    organization_id: OrganizationId,
    team_id: TeamId,
    customer_id: CustomerId,
) -> Result<Option<Member>, Error> {
    let row: Option<(OrganizationId, String, String, String, Option<bool>, String, Timestamp)> = reader
        .fetch_optional(
            "select identity.organization_id, identity.email, identity.name, identity.surname, customer.root,
                membership.role, membership.joined_at
         from membership
         join identity on identity.customer_id = membership.customer_id
         left join customer on customer.organization_id = membership.organization_id
              and customer.customer_id = membership.customer_id
         where membership.organization_id = $1 and membership.team_id = $2 and membership.customer_id = $3",
            (organization_id, team_id, customer_id),
        )?;
    Ok(row.map(|(home, email, name, surname, root, role, joined_at)| Member {
        customer_id,
        email,
        name,
        surname,
        membership: Membership {
            guest: home != organization_id,
            root: root.unwrap_or(false),
            role: if role == "manager" { InvitedRole::Manager } else { InvitedRole::User },
        },
        joined_at,
    }))
}

/// Adds a member; [`Error::Unique`] `membership.customer_id` for one who is there.
pub(crate) fn insert(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    team_id: TeamId,
    customer_id: CustomerId,
    role: InvitedRole,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "insert into membership (organization_id, team_id, customer_id, role, joined_at)
         values ($1, $2, $3, $4, $5)",
        (organization_id, team_id, customer_id, role.as_str(), now),
    )?;
    Ok(())
}

/// Removes a member.
pub(crate) fn delete(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    team_id: TeamId,
    customer_id: CustomerId,
) -> Result<(), Error> {
    tx.execute(
        "delete from membership where organization_id = $1 and team_id = $2 and customer_id = $3",
        (organization_id, team_id, customer_id),
    )?;
    Ok(())
}

/// Sets the role of a membership.
pub(super) fn set_role(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    team_id: TeamId,
    customer_id: CustomerId,
    role: InvitedRole,
) -> Result<(), Error> {
    tx.execute(
        "update membership set role = $4 where organization_id = $1 and team_id = $2 and customer_id = $3",
        (organization_id, team_id, customer_id, role.as_str()),
    )?;
    Ok(())
}

/// Makes or unmakes a root.
pub(super) fn set_root(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    customer_id: CustomerId,
    root: bool,
) -> Result<(), Error> {
    tx.execute(
        "update customer set root = $3, version = version + 1 where organization_id = $1 and customer_id = $2",
        (organization_id, customer_id, root),
    )?;
    Ok(())
}

/// Whether the organization has a root beside this customer. Take the organization's lock first.
pub(crate) fn another_root(
    reader: &Reader<'_>,
    organization_id: OrganizationId,
    customer_id: CustomerId,
) -> Result<bool, Error> {
    let row: Option<(i64,)> = reader.fetch_optional(
        "select 1 from customer where organization_id = $1 and customer_id <> $2 and root limit 1",
        (organization_id, customer_id),
    )?;
    Ok(row.is_some())
}

/// How many joined a team.
pub(crate) fn count(
    reader: &Reader<'_>,
    organization_id: OrganizationId,
    team_id: TeamId,
) -> Result<i64, Error> {
    let (count,) = reader.fetch_one(
        "select count(*) from membership where organization_id = $1 and team_id = $2",
        (organization_id, team_id),
    )?;
    Ok(count)
}
