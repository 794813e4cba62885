//! The limits of an organization's plan, checked before something is added.

use crate::db::Reader;
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
    used: i64,
) -> Result<(), Problem> {
    let (plan, version): (String, String) = reader.fetch_one(
        "select plan, plan_version from organization where organization_id = $1",
        (organization_id,),
    )?;
    match plans.limit(&plan, &version, key) {
        Some(max) if used >= i64::from(max) => Err(Problem::because(
            Code::LimitReached,
            format!(
                "Your plan allows {max} of these ({}). Delete one, or ask for a larger plan.",
                key.title()
            ),
        )),
        _ => Ok(()),
    }
}
