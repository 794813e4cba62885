//! A customer as clients see them.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access;
use crate::db::{Error, Reader};
use crate::domain::id::{CustomerId, OrganizationId, TeamId};
use crate::domain::plan::Plans;
use crate::domain::role::Role;
use crate::http::caller::Caller;
use crate::http::moment::Moment;
use crate::organizations::view::{self as organizations, LimitsUse, OrganizationView};

/// A customer's profile.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Profile {
    /// Who.
    customer_id: CustomerId,
    /// The username.
    pub(crate) email: String,
    /// The address that waits to become the username; null where none does.
    pending_email: Option<String>,
    /// First name.
    name: String,
    /// Surname.
    surname: String,
    /// Both.
    full_name: String,
    /// `root`, or the highest role in any team, else `user`.
    role: Role,
    /// Since when.
    created_at: Moment,
    /// The team joined first; null for who is in none.
    team: Option<TeamName>,
    /// Every team, the one joined first first.
    teams: Vec<TeamRole>,
    /// The home organization.
    organization: OrganizationView,
    /// What the organization's plan allows, and how much of it is used.
    limits: LimitsUse,
}

/// A team by its name.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = FirstTeam)]
pub struct TeamName {
    /// Its id.
    team_id: TeamId,
    /// Its name.
    name: String,
}

/// A team with a member's role in it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TeamRole {
    /// Its id.
    team_id: TeamId,
    /// Its name.
    name: String,
    /// The role.
    role: Role,
}

/// A customer after a change.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CustomerChanged {
    /// What was done, for people.
    pub message: String,
    /// The customer as they now are.
    pub customer: Profile,
}

/// Reads the profile of a customer of the caller's organization; none where there is no such customer.
///
/// Teams of other organizations are between the customer and those: only the customer sees them.
///
/// # Errors
/// The storage's.
pub(crate) fn read(
    reader: &Reader<'_>,
    plans: &Plans,
    caller: &Caller,
    customer_id: CustomerId,
) -> Result<Option<Profile>, Error> {
    let home = caller.organization_id;
    let person: Option<(String, Option<String>, String, String, Timestamp, bool)> = reader.fetch_optional(
        "select identity.email, customer.pending_email, identity.name, identity.surname, identity.created_at,
                customer.root
         from customer join identity on identity.customer_id = customer.customer_id
         where customer.organization_id = $1 and customer.customer_id = $2",
        (home, customer_id),
    )?;
    let Some((email, pending_email, name, surname, created_at, root)) = person else { return Ok(None) };
    let rows: Vec<(OrganizationId, TeamId, String, String)> = reader.fetch_all(
        "select team.organization_id, team.team_id, team.name, membership.role
         from membership
         join team on team.organization_id = membership.organization_id and team.team_id = membership.team_id
         where membership.customer_id = $1 and (membership.organization_id = $2 or $3)
         order by membership.joined_at, membership.team_id",
        (customer_id, home, caller.customer_id == customer_id),
    )?;
    let teams: Vec<_> = rows
        .into_iter()
        .map(|(organization_id, team_id, name, role)| TeamRole {
            team_id,
            name,
            role: access::shown_role(root && organization_id == home, &role),
        })
        .collect();
    let highest = teams.iter().map(|team| team.role).max().unwrap_or(Role::User);
    let organization = organizations::read(reader, home)?;
    Ok(Some(Profile {
        customer_id,
        email,
        pending_email,
        full_name: format!("{name} {surname}"),
        name,
        surname,
        role: if root { Role::Root } else { highest },
        created_at: created_at.into(),
        team: teams.first().map(|team| TeamName { team_id: team.team_id, name: team.name.clone() }),
        teams,
        limits: organizations::limits_use(reader, plans, &organization)?,
        organization,
    }))
}

/// The caller after a change.
///
/// # Errors
/// The storage's; [`Error::Missing`] where the caller is gone.
pub(crate) fn changed(
    reader: &Reader<'_>,
    plans: &Plans,
    caller: &Caller,
    message: impl Into<String>,
) -> Result<CustomerChanged, Error> {
    let customer = read(reader, plans, caller, caller.customer_id)?.ok_or(Error::Missing)?;
    Ok(CustomerChanged { message: message.into(), customer })
}
