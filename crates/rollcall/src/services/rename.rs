//! Renames a service.

use super::store;
use super::view::ServiceChanged;
use crate::access;
use crate::domain::access::Action as Right;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::ServiceId;
use crate::domain::service_name::ServiceName;
use crate::http::command::Command;
use crate::http::path::Path;
use crate::http::reply::Reply;
use crate::problem::Problem;

crate::body! {
    /// The new name of a service.
    pub struct RenameService {
        /// Unique in the team, letter case aside.
        pub name: ServiceName,
    }
}

/// Rename a service
///
/// For managers of its team and roots of the organization.
#[utoipa::path(
    put, path = "/v1/service/{id}", tag = "Services", request_body = RenameService,
    params(("id" = ServiceId, Path, description = "The service.")),
    responses(
        (status = 200, description = "The service has its new name.", body = ServiceChanged),
        (status = 403, description = "`role_insufficient`."),
        (status = 409, description = "`name_taken`."),
    ),
)]
pub async fn rename_service(
    Path(id): Path<ServiceId>,
    command: Command<RenameService>,
) -> Result<Reply, Problem> {
    command
        .run(move |tx, command| {
            let team = access::team_of_service(&tx, &command.caller, id, Right::Govern)?;
            let RenameService { name } = command.admit(&tx)?;
            store::rename(&tx, &team, id, name, command.now)?;
            let reply = Reply::ok(&ServiceChanged {
                message: format!("The service is now called {}.", name.as_str()),
                service: store::find(&tx, &team, id)?,
            });
            command.commit(
                tx,
                Event::new(team.organization_id, Action::ServiceRenamed, Target::Service(id)),
                reply,
            )
        })
        .await
}
