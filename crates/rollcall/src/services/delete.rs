//! Deletes a service.

use super::store;
use crate::access;
use crate::domain::access::Action as Right;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::ServiceId;
use crate::http::command::Command;
use crate::http::path::Path;
use crate::http::reply::{Done, Reply};
use crate::problem::Problem;

/// Delete a service
///
/// For managers of its team and roots of the organization.
#[utoipa::path(
    delete, path = "/v1/service/{id}", tag = "Services",
    params(("id" = ServiceId, Path, description = "The service.")),
    responses(
        (status = 200, description = "The service is gone.", body = Done),
        (status = 403, description = "`role_insufficient`."),
    ),
)]
pub async fn delete_service(Path(id): Path<ServiceId>, command: Command<()>) -> Result<Reply, Problem> {
    command
        .run(move |tx, command| {
            let team = match access::team_of_service(&tx, &command.caller, id, Right::Govern) {
                Err(refusal) if access::gone(&tx, id)? => return Err(command.replay_or(&tx, refusal)),
                team => team?,
            };
            command.admit(&tx)?;
            let service = store::find(&tx, &team, id)?;
            store::delete(&tx, &team, id)?;
            let reply = Reply::ok(&Done::new(format!("The service {} is gone.", service.name)));
            command.commit(
                tx,
                Event::new(team.organization_id, Action::ServiceDeleted, Target::Service(id)),
                reply,
            )
        })
        .await
}
