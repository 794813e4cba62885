//! Shows what a plan allows.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::plan::LimitKey;
use crate::http::query::Query;
use crate::problem::Problem;

/// What a plan allows.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanLimits {
    /// The plan.
    plan: String,
    /// Its version.
    version: String,
    /// Its limits.
    limits: Vec<PlanLimit>,
}

/// One limit of a plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanLimit {
    /// Its name for programs.
    key: &'static str,
    /// Its name for people.
    title: &'static str,
    /// How many; null where the plan sets no limit.
    value: Option<u32>,
}

/// Show the limits of a plan
///
/// Plans come from the operator's settings.
#[utoipa::path(
    get, path = "/v1/plan/{plan}/{version}/limits", tag = "Organization",
    params(
        ("plan" = String, Path, description = "The plan, as in your profile.", example = "developer"),
        ("version" = String, Path, description = "Its version.", example = "v1"),
    ),
    responses(
        (status = 200, description = "The limits.", body = PlanLimits),
        (status = 404, description = "`not_found`: there is no such version of a plan."),
    ),
)]
pub async fn show_plan_limits(
    names: Result<Path<(String, String)>, PathRejection>,
    query: Query,
) -> Result<Response, Problem> {
    // What is no text names no plan.
    let Path((plan, version)) = names.map_err(|_| Problem::not_found())?;
    query
        .run(move |_, query| {
            let known = query.app.plans.find(&plan, &version).ok_or_else(Problem::not_found)?;
            let limits = LimitKey::ALL.map(|key| PlanLimit {
                key: key.as_str(),
                title: key.title(),
                value: known.limits.get(key),
            });
            Ok(PlanLimits { plan: plan.clone(), version: version.clone(), limits: limits.into() })
        })
        .await
}
