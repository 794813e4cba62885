//! Who of a team can be reached, and when somebody last was.

use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access;
use crate::domain::access::Action;
use crate::domain::id::{CustomerId, Id, TeamId};
use crate::domain::role::Role;
use crate::http::moment::Moment;
use crate::http::path::Path;
use crate::http::query::Query;
use crate::problem::Problem;

/// Who of a team can be reached.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reachability {
    /// The team itself, by its own channels.
    team: TeamReachability,
    /// Its members, each by their personal channels, the first to join first.
    data: Vec<MemberReachability>,
    /// Where the next page begins, or null at the end.
    next_cursor: Option<String>,
}

/// Whether a team can be reached.
#[derive(Debug, Serialize, ToSchema)]
pub struct TeamReachability {
    team_id: TeamId,
    name: String,
    /// Whether any channel is verified and enabled.
    reachable: bool,
    /// When an active channel last worked, to the minute: when a message arrived there, or its value was proved.
    last_worked_at: Option<Moment>,
}

/// Whether a member can be reached.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberReachability {
    customer_id: CustomerId,
    full_name: String,
    role: Role,
    /// Whether any personal channel is verified and enabled.
    reachable: bool,
    /// When an active channel last worked, to the minute: when a message arrived there, or its value was proved.
    last_worked_at: Option<Moment>,
}

/// Show who of a team can be reached
///
/// For whoever sees the team: whether the team and each member has an active channel, and when one last worked. Which channels
/// members have stays their own affair.
#[utoipa::path(
    get, path = "/v1/team/{id}/reachability", tag = "Team notification channels",
    params(
        ("id" = TeamId, Path, description = "The team."),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "How many members at the most; 50 by default."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
    ),
    responses((status = 200, description = "The team, and its members, the first to join first.", body = Reachability)),
)]
pub async fn show_reachability(Path(id): Path<TeamId>, query: Query) -> Result<Response, Problem> {
    query
        .run(move |reader, query| {
            let team = access::team(reader, &query.caller, id, Action::See)?;
            let page = query.params().page()?;
            let (worked,): (Option<Timestamp>,) = reader.fetch_one(
                "select max(case when delivered_at > verified_at then delivered_at else verified_at end)
                 from notification_channel where organization_id = $1 and owner_id = $2 and enabled",
                (team.organization_id, id),
            )?;
            // Personal channels are kept where their owner is at home.
            let rows: Vec<(CustomerId, String, String, Option<bool>, String, Timestamp, Option<Timestamp>)> =
                reader.fetch_all(
                    "select membership.customer_id, identity.name, identity.surname, customer.root, membership.role,
                            membership.joined_at,
                            (select max(case when channel.delivered_at > channel.verified_at
                                             then channel.delivered_at else channel.verified_at end)
                             from notification_channel channel
                             where channel.organization_id = identity.organization_id
                               and channel.owner_id = identity.customer_id and channel.enabled)
                     from membership
                     join identity on identity.customer_id = membership.customer_id
                     left join customer on customer.organization_id = membership.organization_id
                          and customer.customer_id = membership.customer_id
                     where membership.organization_id = $1 and membership.team_id = $2
                       and (membership.joined_at, membership.customer_id) > ($3, $4)
                     order by membership.joined_at, membership.customer_id limit $5",
                    (team.organization_id, id, page.number_or(i64::MIN), page.id(), page.rows()),
                )?;
            let list = page.list(
                rows,
                |(customer_id, .., joined_at, _)| (joined_at.as_microsecond(), customer_id.uuid()),
                |(customer_id, name, surname, root, role, _, worked)| MemberReachability {
                    customer_id,
                    full_name: format!("{name} {surname}"),
                    role: access::shown_role(root.unwrap_or(false), &role),
                    reachable: worked.is_some(),
                    last_worked_at: worked.map(Moment::from),
                },
            );
            let team = TeamReachability {
                team_id: id,
                name: team.name,
                reachable: worked.is_some(),
                last_worked_at: worked.map(Moment::from),
            };
            Ok(Reachability { team, data: list.data, next_cursor: list.next_cursor })
        })
        .await
}
