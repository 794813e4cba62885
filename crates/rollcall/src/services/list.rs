//! Lists the services of a team.

use axum::response::Response;
use jiff::Timestamp;

use super::view::ServiceView;
use crate::access;
use crate::domain::access::Action;
use crate::domain::id::{Id, ServiceId, TeamId};
use crate::http::params::List;
use crate::http::path::Path;
use crate::http::query::Query;
use crate::problem::Problem;

/// List services
///
/// For whoever sees the team.
#[utoipa::path(
    get, path = "/v1/team/{id}/services", tag = "Services",
    params(
        ("id" = TeamId, Path, description = "The team."),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "How many at the most; 50 by default."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
    ),
    responses((status = 200, description = "The services, oldest first.", body = List<ServiceView>)),
)]
pub async fn list_services(Path(id): Path<TeamId>, query: Query) -> Result<Response, Problem> {
    query
        .run(move |reader, query| {
            let team = access::team(reader, &query.caller, id, Action::See)?;
            let page = query.params().page()?;
            let rows: Vec<(ServiceId, String, Timestamp, Timestamp)> = reader.fetch_all(
                "select service_id, name, created_at, updated_at from service
                 where organization_id = $1 and team_id = $2 and (created_at, service_id) > ($3, $4)
                 order by created_at, service_id limit $5",
                (team.organization_id, id, page.number_or(i64::MIN), page.id(), page.rows()),
            )?;
            Ok(page.list(
                rows,
                |(service_id, _, created_at, _)| (created_at.as_microsecond(), service_id.uuid()),
                |(service_id, name, created_at, updated_at)| ServiceView {
                    service_id,
                    name,
                    team_id: id,
                    created_at: created_at.into(),
                    updated_at: updated_at.into(),
                },
            ))
        })
        .await
}
