//! Shows a profile: the caller's own, and to a root those of the organization.

use axum::response::Response;

use super::view::{self, Profile};
use crate::access;
use crate::domain::id::CustomerId;
use crate::http::path::Path;
use crate::http::query::Query;
use crate::problem::Problem;

/// Show a profile
///
/// Your own; a root sees that of any customer of the organization, with the teams of the organization alone.
#[utoipa::path(
    get, path = "/v1/customer/{customer_id}", tag = "Customers",
    params(("customer_id" = CustomerId, Path, description = "The customer.")),
    responses((status = 200, description = "The profile.", body = Profile)),
)]
pub async fn show_customer(Path(id): Path<CustomerId>, query: Query) -> Result<Response, Problem> {
    show(Some(id), query).await
}

/// Show your own profile
///
/// With your teams, your organization, and what its plan allows.
#[utoipa::path(
    get, path = "/v1/customer", tag = "Customers",
    responses((status = 200, description = "Your profile.", body = Profile)),
)]
pub async fn show_caller(query: Query) -> Result<Response, Problem> {
    show(None, query).await
}

async fn show(id: Option<CustomerId>, query: Query) -> Result<Response, Problem> {
    query
        .run(move |reader, query| {
            let caller = &query.caller;
            let id = id.unwrap_or(caller.customer_id);
            if id != caller.customer_id
                && !access::is_root(reader, caller.organization_id, caller.customer_id)?
            {
                return Err(Problem::not_found());
            }
            view::read(reader, &query.app.plans, caller, id)?.ok_or_else(Problem::not_found)
        })
        .await
}
