//! Renames a team.

use super::store;
use super::view::{TeamChanged, TeamView};
use crate::access;
use crate::domain::access::Action as Right;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::TeamId;
use crate::domain::team_name::TeamName;
use crate::http::command::Command;
use crate::http::path::Path;
use crate::http::reply::Reply;
use crate::problem::Problem;

crate::body! {
    /// The new name of a team.
    pub struct RenameTeam {
        /// Unique in the organization, letter case aside.
        pub name: TeamName,
    }
}

/// Rename a team
///
/// For its managers and the roots of its organization.
#[utoipa::path(
    put, path = "/v1/team/{id}", tag = "Teams", params(("id" = TeamId, Path, description = "The team.")),
    request_body = RenameTeam,
    responses(
        (status = 200, description = "The team has its new name.", body = TeamChanged),
        (status = 403, description = "`role_insufficient`."),
        (status = 409, description = "`name_taken`."),
    ),
)]
pub async fn rename_team(Path(id): Path<TeamId>, command: Command<RenameTeam>) -> Result<Reply, Problem> {
    command
        .run(move |tx, command| {
            let team = access::team(&tx, &command.caller, id, Right::Govern)?;
            let RenameTeam { name } = command.admit(&tx)?;
            store::rename(&tx, &team, name)?;
            let reply = Reply::ok(&TeamChanged {
                message: format!("The team is now called {}.", name.as_str()),
                team: TeamView {
                    team_id: id,
                    name: name.as_str().to_owned(),
                    member_count: store::member_count(&tx, &team)?,
                    created_at: team.created_at.into(),
                },
            });
            command.commit(tx, Event::new(team.organization_id, Action::TeamRenamed, Target::Team(id)), reply)
        })
        .await
}
