//! Deletes channels: all that are named, or none.

use serde::Serialize;
use utoipa::ToSchema;

use super::{owner, reach, store};
use crate::domain::access::Action as Right;
use crate::domain::channel::Owner;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::{CustomerId, TeamId};
use crate::domain::invalid::Invalid;
use crate::domain::priority::Priority;
use crate::http::command::Command;
use crate::http::params::Params;
use crate::http::path::Path;
use crate::http::reply::Reply;
use crate::problem::Problem;

/// What was deleted.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelsDeleted {
    /// What was done, for people.
    message: String,
    /// The priorities that are free now.
    deleted: Vec<Priority>,
}

/// Delete personal notification channels
///
/// All that are named, or none: one unknown priority is a 404 that names it. The others keep their numbers. Where none
/// that is active is left, `message` says so.
#[utoipa::path(
    delete, path = "/v1/customer/{id}/notification-channel", tag = "Personal notification channels",
    params(
        ("id" = CustomerId, Path, description = "You."),
        ("priority" = Vec<Priority>, Query, description = "The channels' priorities: a list with commas (`3,4`), repeated, or both."),
    ),
    responses(
        (status = 200, description = "The channels are gone.", body = ChannelsDeleted),
        (status = 404, description = "`not_found`: you have no channel with one of the priorities; nothing is deleted."),
    ),
)]
pub async fn delete_personal_channels(
    Path(id): Path<CustomerId>,
    command: Command<()>,
) -> Result<Reply, Problem> {
    delete(Owner::Customer(id), command).await
}

/// Delete notification channels of a team
///
/// For managers of the team and roots of its organization. All that are named, or none: one unknown priority is a 404 that
/// names it. The others keep their numbers. Where none that is active is left, `message` says so.
#[utoipa::path(
    delete, path = "/v1/team/{id}/notification-channel", tag = "Team notification channels",
    params(
        ("id" = TeamId, Path, description = "The team."),
        ("priority" = Vec<Priority>, Query, description = "The channels' priorities: a list with commas (`3,4`), repeated, or both."),
    ),
    responses(
        (status = 200, description = "The channels are gone.", body = ChannelsDeleted),
        (status = 403, description = "`role_insufficient`."),
        (status = 404, description = "`not_found`: no such team, or it has no channel with one of the priorities; nothing is deleted."),
    ),
)]
pub async fn delete_team_channels(Path(id): Path<TeamId>, command: Command<()>) -> Result<Reply, Problem> {
    delete(Owner::Team(id), command).await
}

async fn delete(owner: Owner, command: Command<()>) -> Result<Reply, Problem> {
    command
        .run(move |tx, command| {
            let holder = owner::load(&tx, &command.caller, owner, Right::Govern)?;
            command.admit(&tx)?;
            let priorities = priorities(command.params())?;
            let active = reach::count(&tx, &holder)?;
            let mut gone = Vec::new();
            let mut unknown = Vec::new();
            for &priority in &priorities {
                match store::delete(&tx, &holder, priority)? {
                    Some(channel_id) => gone.push(channel_id),
                    None => unknown.push(priority),
                }
            }
            if !unknown.is_empty() {
                return Err(store::unknown(&unknown).into());
            }
            let mut message = match priorities.len() {
                1 => "The channel is deleted.".to_owned(),
                count => format!("{count} channels are deleted."),
            };
            if active > 0 && reach::count(&tx, &holder)? == 0 {
                message += &reach::nobody_left(&holder);
            }
            let reply = Reply::ok(&ChannelsDeleted { message, deleted: priorities });
            let event = |id| Event::new(holder.organization_id, Action::ChannelDeleted, Target::Channel(id));
            command.commit_all(tx, &gone.into_iter().map(event).collect::<Vec<_>>(), reply)
        })
        .await
}

/// The priorities of the query, each once, in ascending order.
fn priorities(mut params: Params) -> Result<Vec<Priority>, Problem> {
    let mut priorities = params.parsed("priority", Priority::parse);
    params.check()?;
    if priorities.is_empty() {
        let message = "Say which channels: `priority=3,4` or `priority=3&priority=4`.";
        return Err(Problem::field("priority", Invalid::new("required", message)));
    }
    priorities.sort_unstable();
    priorities.dedup();
    Ok(priorities)
}
