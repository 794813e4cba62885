//! Creates a team; its creator manages it.

use super::store;
use super::view::{TeamChanged, TeamView};
use crate::access;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::TeamId;
use crate::domain::plan::LimitKey;
use crate::domain::team_name::TeamName;
use crate::http::command::Command;
use crate::http::reply::Reply;
use crate::organizations::limits;
use crate::problem::{Code, Problem};

crate::body! {
    /// A new team.
    pub struct CreateTeam {
        /// Unique in the organization, letter case aside.
        pub name: TeamName,
    }
}

/// Create a team
///
/// For the roots of your organization and the managers of any of its teams. You become its first member and manage it.
#[utoipa::path(
    post, path = "/v1/team", tag = "Teams", request_body = CreateTeam,
    responses(
        (status = 201, description = "The team is there.", body = TeamChanged),
        (status = 403, description = "`role_insufficient`."),
        (status = 409, description = "`name_taken` or `limit_reached`."),
    ),
)]
pub async fn create_team(command: Command<CreateTeam>) -> Result<Reply, Problem> {
    let team_id: TeamId = command.app.fresh_id(command.now);
    command
        .run(move |tx, command| {
            let organization_id = command.caller.organization_id;
            access::lock_organization(&tx, organization_id)?;
            if !store::may_create(&tx, &command.caller)? {
                return Err(Problem::new(Code::RoleInsufficient).into());
            }
            let CreateTeam { name } = command.admit(&tx)?;
            let used = || store::count(&tx, organization_id);
            limits::check(&tx, &command.app.plans, organization_id, LimitKey::Teams, used)?;
            store::insert(&tx, organization_id, team_id, name, command.caller.customer_id, command.now)?;
            let reply = Reply::created(&TeamChanged {
                message: format!("The team {} is there.", name.as_str()),
                team: TeamView {
                    team_id,
                    name: name.as_str().to_owned(),
                    member_count: 1,
                    created_at: command.now.into(),
                },
            });
            command.commit(tx, Event::new(organization_id, Action::TeamCreated, Target::Team(team_id)), reply)
        })
        .await
}
