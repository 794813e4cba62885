//! Shows what the caller's organization uses of its plan.

use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::view::{self, LimitsUse, OrganizationView};
use crate::domain::id::OrganizationId;
use crate::http::query::Query;
use crate::problem::Problem;

/// What an organization uses of its plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct Usage {
    /// The organization.
    organization_id: OrganizationId,
    /// Its plan.
    plan: String,
    /// The version of the plan.
    plan_version: String,
    /// Each limit with its use.
    limits: LimitsUse,
}

/// Show the use of the plan
///
/// Of your organization, for each of its customers.
#[utoipa::path(
    get, path = "/v1/org/usage", tag = "Organization",
    responses((status = 200, description = "The limits and their use.", body = Usage)),
)]
pub async fn show_usage(query: Query) -> Result<Response, Problem> {
    query
        .run(|reader, query| {
            let organization = view::read(reader, query.caller.organization_id)?;
            let limits = view::limits_use(reader, &query.app.plans, &organization)?;
            let OrganizationView { organization_id, plan, plan_version, .. } = organization;
            Ok(Usage { organization_id, plan, plan_version, limits })
        })
        .await
}
