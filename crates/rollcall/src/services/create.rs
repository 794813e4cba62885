//! Creates a service of a team.

use super::store;
use super::view::{ServiceChanged, ServiceView};
use crate::access;
use crate::domain::access::Action as Right;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::{ServiceId, TeamId};
use crate::domain::plan::LimitKey;
use crate::domain::service_name::ServiceName;
use crate::http::command::Command;
use crate::http::reply::Reply;
use crate::organizations::limits;
use crate::problem::Problem;

crate::body! {
    /// A new service.
    pub struct CreateService {
        /// Unique in the team, letter case aside.
        pub name: ServiceName,
        /// The team that owns it.
        pub team_id: TeamId,
    }
}

/// Create a service
///
/// For managers of the team and roots of its organization.
#[utoipa::path(
    post, path = "/v1/service", tag = "Services", request_body = CreateService,
    responses(
        (status = 201, description = "The service is there.", body = ServiceChanged),
        (status = 403, description = "`role_insufficient`."),
        (status = 404, description = "`not_found`: no such team, or none that you may see."),
        (status = 409, description = "`name_taken` or `limit_reached`."),
    ),
)]
pub async fn create_service(command: Command<CreateService>) -> Result<Reply, Problem> {
    let service_id: ServiceId = command.app.fresh_id(command.now);
    command
        .run(move |tx, command| {
            let team = access::team(&tx, &command.caller, command.body()?.team_id, Right::Govern)?;
            let CreateService { name, .. } = command.admit(&tx)?;
            let used = || store::count(&tx, team.organization_id);
            limits::check(&tx, &command.app.plans, team.organization_id, LimitKey::Services, used)?;
            store::insert(&tx, &team, service_id, name, command.now)?;
            let reply = Reply::created(&ServiceChanged {
                message: format!("The service {} is there.", name.as_str()),
                service: ServiceView {
                    service_id,
                    name: name.as_str().to_owned(),
                    team_id: team.team_id,
                    created_at: command.now.into(),
                    updated_at: command.now.into(),
                },
            });
            let event = Event::new(team.organization_id, Action::ServiceCreated, Target::Service(service_id));
            command.commit(tx, event, reply)
        })
        .await
}
