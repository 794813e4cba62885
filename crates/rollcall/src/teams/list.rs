//! Lists the teams that the caller sees.

use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::view::TeamView;
use crate::access;
use crate::domain::id::{Id, TeamId};
use crate::domain::role::Role;
use crate::http::params::List;
use crate::http::query::Query;
use crate::problem::Problem;

/// A team with the caller's role in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedTeam {
    #[serde(flatten)]
    team: TeamView,
    /// The caller's role.
    role: Role,
}

/// List teams
///
/// A root sees all teams of the organization; everybody sees the teams they belong to, other organizations' included.
#[utoipa::path(
    get, path = "/v1/teams", tag = "Teams",
    params(("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "How many at the most; 50 by default."),
           ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before.")),
    responses((status = 200, description = "The teams, oldest first.", body = List<ListedTeam>)),
)]
pub async fn list_teams(query: Query) -> Result<Response, Problem> {
    query
        .run(|reader, query| {
            let page = query.params().page()?;
            let root = access::is_root(reader, query.caller.organization_id, query.caller.customer_id)?;
            let rows: Vec<(TeamId, String, i64, Timestamp, bool, Option<String>)> = reader.fetch_all(
                // The whole organization for a root, and whatever the caller joined anywhere.
                "select team.team_id, team.name,
                        (select count(*) from membership
                         where membership.organization_id = team.organization_id
                           and membership.team_id = team.team_id) as member_count,
                        team.created_at, team.organization_id = $2 as home, own.role
                 from team
                 left join membership own on own.organization_id = team.organization_id
                      and own.team_id = team.team_id and own.customer_id = $1
                 where (team.organization_id, team.team_id) in (
                         select organization_id, team_id from membership where customer_id = $1
                         union
                         select organization_id, team_id from team where organization_id = $2 and $3)
                   and (team.created_at, team.team_id) > ($4, $5)
                 order by team.created_at, team.team_id limit $6",
                (
                    query.caller.customer_id,
                    query.caller.organization_id,
                    root,
                    page.number_or(i64::MIN),
                    page.id(),
                    page.rows(),
                ),
            )?;
            Ok(page.list(
                rows,
                |(team_id, _, _, created_at, ..)| (created_at.as_microsecond(), team_id.uuid()),
                |(team_id, name, member_count, created_at, home, role)| ListedTeam {
                    team: TeamView { team_id, name, member_count, created_at: created_at.into() },
                    role: access::shown_role(root && home, role.as_deref().unwrap_or("user")),
                },
            ))
        })
        .await
}
