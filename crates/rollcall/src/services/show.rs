//! Shows one service with its team.

use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::store;
use super::view::ServiceView;
use crate::access;
use crate::domain::access::Action;
use crate::domain::id::{ServiceId, TeamId};
use crate::http::path::Path;
use crate::http::query::Query;
use crate::problem::Problem;

/// A service with its team.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceWithTeam {
    #[serde(flatten)]
    service: ServiceView,
    /// The team that owns it.
    team: OwningTeam,
}

/// The team that owns a service.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwningTeam {
    /// Its id.
    team_id: TeamId,
    /// Its name.
    name: String,
}

/// Show a service
///
/// For whoever sees its team.
#[utoipa::path(
    get, path = "/v1/team-service/{id}", tag = "Services",
    params(("id" = ServiceId, Path, description = "The service.")),
    responses((status = 200, description = "The service.", body = ServiceWithTeam)),
)]
pub async fn show_service(Path(id): Path<ServiceId>, query: Query) -> Result<Response, Problem> {
    query
        .run(move |reader, query| {
            let team = access::team_of_service(reader, &query.caller, id, Action::See)?;
            let service = store::find(reader, &team, id)?;
            Ok(ServiceWithTeam { service, team: OwningTeam { team_id: team.team_id, name: team.name } })
        })
        .await
}
