//! Deletes a team that owns no services. Its members stay customers.

use super::store;
use crate::access;
use crate::channels;
use crate::domain::access::Action as Right;
use crate::domain::channel::Owner;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::TeamId;
use crate::http::command::Command;
use crate::http::path::Path;
use crate::http::reply::{Done, Reply};
use crate::problem::{Code, Problem};
use crate::services;

/// Delete a team
///
/// Its invitations and channels go with it; its members stay customers. A team that owns services stays until they are
/// deleted: losing what is monitored by accident is worse than one more step.
#[utoipa::path(
    delete, path = "/v1/team/{id}", tag = "Teams",
    params(("id" = TeamId, Path, description = "The team.")),
    responses(
        (status = 200, description = "The team is gone.", body = Done),
        (status = 403, description = "`role_insufficient`."),
        (status = 409, description = "`team_has_services`."),
    ),
)]
pub async fn delete_team(Path(id): Path<TeamId>, command: Command<()>) -> Result<Reply, Problem> {
    command
        .run(move |tx, command| {
            let team = match access::team(&tx, &command.caller, id, Right::Govern) {
                Err(refusal) if access::gone(&tx, id)? => return Err(command.replay_or(&tx, refusal)),
                team => team?,
            };
            command.admit(&tx)?;
            if services::store::any_of_team(&tx, &team)? {
                return Err(Problem::new(Code::TeamHasServices).into());
            }
            channels::store::delete_all(&tx, team.organization_id, Owner::Team(id))?;
            store::delete(&tx, &team)?;
            let reply =
                Reply::ok(&Done::new(format!("The team {} is gone. Its members stay customers.", team.name)));
            command.commit(tx, Event::new(team.organization_id, Action::TeamDeleted, Target::Team(id)), reply)
        })
        .await
}
