//! Lists the invitations of a team; withdrawn ones have left the list.

use axum::response::Response;

use super::store::{Columns, stored};
use super::view::InvitationView;
use crate::access;
use crate::domain::access::Action;
use crate::domain::id::{Id, TeamId};
use crate::http::params::List;
use crate::http::path::Path;
use crate::http::query::Query;
use crate::problem::Problem;

/// List invitations
///
/// Open, expired, accepted and declined ones; withdrawn ones have left the list.
#[utoipa::path(
    get, path = "/v1/team/{id}/invitations", tag = "Invitations",
    params(
        ("id" = TeamId, Path, description = "The team."),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "How many at the most; 50 by default."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
    ),
    responses((status = 200, description = "The invitations, oldest first.", body = List<InvitationView>)),
)]
pub async fn list_invitations(Path(id): Path<TeamId>, query: Query) -> Result<Response, Problem> {
    query
        .run(move |reader, query| {
            let team = access::team(reader, &query.caller, id, Action::See)?;
            let page = query.params().page()?;
            let rows: Vec<Columns> = reader.fetch_all(
                "select invitation_id, channel, channel_type, role, sender_id, identity.name, identity.surname,
                        status, invitation.created_at, reminded_at, expires_at
                 from invitation
                 left join identity on identity.customer_id = invitation.sender_id
                 where invitation.organization_id = $1 and team_id = $2 and status <> 'withdrawn'
                   and (invitation.created_at, invitation_id) > ($3, $4)
                 order by invitation.created_at, invitation_id limit $5",
                (team.organization_id, id, page.number_or(i64::MIN), page.id(), page.rows()),
            )?;
            let now = query.now();
            Ok(page.list(
                rows.into_iter().map(stored).collect(),
                |invited| (invited.created_at.as_microsecond(), invited.invitation_id.uuid()),
                |invited| invited.view(now),
            ))
        })
        .await
}
