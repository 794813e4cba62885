//! Lists the members of a team: who joined, the first first.

use axum::response::Response;
use jiff::Timestamp;

use super::view::MemberView;
use crate::access;
use crate::domain::access::Action;
use crate::domain::id::{CustomerId, Id, TeamId};
use crate::http::params::List;
use crate::http::path::Path;
use crate::http::query::Query;
use crate::problem::Problem;

/// List members
///
/// Those who joined the team. A root of the organization governs it without being listed.
#[utoipa::path(
    get, path = "/v1/team/{id}/members", tag = "Members",
    params(
        ("id" = TeamId, Path, description = "The team."),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "How many at the most; 50 by default."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
    ),
    responses((status = 200, description = "The members, the first to join first.", body = List<MemberView>)),
)]
pub async fn list_members(Path(id): Path<TeamId>, query: Query) -> Result<Response, Problem> {
    query
        .run(move |reader, query| {
            let team = access::team(reader, &query.caller, id, Action::See)?;
            let page = query.params().page()?;
            let rows: Vec<(CustomerId, String, String, String, Option<bool>, String, Timestamp)> = reader.fetch_all(
                "select membership.customer_id, identity.email, identity.name, identity.surname, customer.root,
                        membership.role, membership.joined_at
                 from membership
                 join identity on identity.customer_id = membership.customer_id
                 left join customer on customer.organization_id = membership.organization_id
                      and customer.customer_id = membership.customer_id
                 where membership.organization_id = $1 and membership.team_id = $2
                   and (membership.joined_at, membership.customer_id) > ($3, $4)
                 order by membership.joined_at, membership.customer_id limit $5",
                (team.organization_id, id, page.number_or(i64::MIN), page.id(), page.rows()),
            )?;
            Ok(page.list(
                rows,
                |(customer_id, .., joined_at)| (joined_at.as_microsecond(), customer_id.uuid()),
                |(customer_id, email, name, surname, root, role, joined_at)| MemberView {
                    customer_id,
                    email,
                    full_name: format!("{name} {surname}"),
                    name,
                    surname,
                    role: access::shown_role(root.unwrap_or(false), &role),
                    joined_at: joined_at.into(),
                },
            ))
        })
        .await
}
