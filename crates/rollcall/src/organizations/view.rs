//! An organization as clients see it, with what its plan allows and how much of that is used.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{Error, Reader};
use crate::domain::id::OrganizationId;
use crate::domain::plan::{LimitKey, Plans};
use crate::http::moment::Moment;

/// An organization.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Organization)]
pub struct OrganizationView {
    /// Its id.
    pub organization_id: OrganizationId,
    /// Its name.
    pub name: String,
    /// The plan it is on.
    pub plan: String,
    /// The version of the plan.
    pub plan_version: String,
    /// When its trial ends; null where it has none.
    pub trial_ends_at: Option<Moment>,
}

/// An organization after a change.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OrganizationChanged {
    /// What was done, for people.
    pub message: String,
    /// The organization as it now is.
    pub organization: OrganizationView,
}

/// How much of a limit is used.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct LimitUse {
    /// How many there are.
    #[schema(minimum = 0)]
    used: i64,
    /// How many the plan allows; null where it sets no limit.
    max: Option<u32>,
}

/// The limits of an organization's plan and their use.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct LimitsUse {
    /// Teams of the organization.
    teams: LimitUse,
    /// Members of the fullest team.
    team_members: LimitUse,
    /// Services of the organization.
    services: LimitUse,
    /// Notification channels of the organization, its customers' own included.
    notification_channels: LimitUse,
}

/// Reads an organization.
///
/// # Errors
/// The storage's; [`Error::Missing`] where it is gone.
pub(crate) fn read(reader: &Reader<'_>, organization_id: OrganizationId) -> Result<OrganizationView, Error> {
    let (name, plan, plan_version, trial_ends_at): (String, String, String, Option<Timestamp>) = reader
        .fetch_one(
            "select name, plan, plan_version, trial_ends_at from organization where organization_id = $1",
            (organization_id,),
        )?;
    let trial_ends_at = trial_ends_at.map(Moment::from);
    Ok(OrganizationView { organization_id, name, plan, plan_version, trial_ends_at })
}

/// Counts what an organization has, against the limits of its plan.
///
/// # Errors
/// The storage's.
pub(crate) fn limits_use(
    reader: &Reader<'_>,
    plans: &Plans,
    organization: &OrganizationView,
) -> Result<LimitsUse, Error> {
    let (teams, team_members, services, notification_channels) = reader.fetch_one(
        "select (select count(*) from team where organization_id = $1),
                (select coalesce(max(size), 0)
                 from (select count(*) as size from membership where organization_id = $1 group by team_id) as teams),
                (select count(*) from service where organization_id = $1),
                (select count(*) from notification_channel where organization_id = $1)",
        (organization.organization_id,),
    )?;
    let limit =
        |key, used| LimitUse { used, max: plans.limit(&organization.plan, &organization.plan_version, key) };
    Ok(LimitsUse {
        teams: limit(LimitKey::Teams, teams),
        team_members: limit(LimitKey::TeamMembers, team_members),
        services: limit(LimitKey::Services, services),
        notification_channels: limit(LimitKey::NotificationChannels, notification_channels),
    })
}
