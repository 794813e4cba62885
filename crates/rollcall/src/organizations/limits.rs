//! The limits of an organization's plan, checked before something is added.

use crate::db::{Error, Reader};
use crate::domain::id::OrganizationId;
use crate::domain::plan::{LimitKey, Plans};
use crate::problem::{Code, Problem};

/// Refuses when the plan allows no more than is there already. Take the organization's lock first.
///
/// # Errors
/// 409 `limit_reached`.
pub(crate) fn check(
    reader: &Reader<'_>,
    plans: &Plans,
    organization_id: OrganizationId,
    key: LimitKey,
    used: impl FnOnce() -> Result<i64, Error>,
) -> Result<(), Problem> {
    let (plan, version): (String, String) = reader.fetch_one(
        "select plan, plan_version from organization where organization_id = $1",
        (organization_id,),
    )?;
    // Counting costs as much as there are, so it is left alone where there is no limit.
    let Some(max) = plans.limit(&plan, &version, key) else { return Ok(()) };
    if used()? < i64::from(max) {
        return Ok(());
    }
    Err(Problem::because(
        Code::LimitReached,
        format!("Your plan allows {max} of these ({}). Delete one, or ask for a larger plan.", key.title()),
    ))
}
