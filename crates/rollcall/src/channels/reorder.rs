//! Moves a channel to another place; the ones between shift.

use serde::Serialize;
use utoipa::ToSchema;

use super::view::{self, ChannelView};
use super::{owner, store};
use crate::db::Error;
use crate::domain::access::Action as Right;
use crate::domain::channel::Owner;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::{CustomerId, TeamId};
use crate::domain::priority::{self, Priority};
use crate::http::command::Command;
use crate::http::path::Path;
use crate::http::reply::Reply;
use crate::problem::Problem;

crate::body! {
    /// Another place for a channel.
    pub struct ReorderChannel {
        /// Which channel.
        pub priority: Priority,
        /// The place that it takes.
        pub new_priority: Priority,
    }
}

/// The channels in their new order.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelsReordered {
    /// What was done, for people.
    message: String,
    /// All channels of the owner, by priority.
    data: Vec<ChannelView>,
}

/// Move a personal notification channel
///
/// It takes the place; the channels between shift by one towards where it was.
#[utoipa::path(
    patch, path = "/v1/customer/{id}/notification-channel", tag = "Personal notification channels",
    params(("id" = CustomerId, Path, description = "You.")), request_body = ReorderChannel,
    responses(
        (status = 200, description = "The channels in their new order.", body = ChannelsReordered),
        (status = 404, description = "`not_found`: you have no channel with this `priority`."),
    ),
)]
pub async fn reorder_personal_channels(
    Path(id): Path<CustomerId>,
    command: Command<ReorderChannel>,
) -> Result<Reply, Problem> {
    reorder(Owner::Customer(id), command).await
}

/// Move a notification channel of a team
///
/// For managers of the team and roots of its organization. It takes the place; the channels between shift by one towards
/// where it was.
#[utoipa::path(
    patch, path = "/v1/team/{id}/notification-channel", tag = "Team notification channels",
    params(("id" = TeamId, Path, description = "The team.")), request_body = ReorderChannel,
    responses(
        (status = 200, description = "The channels in their new order.", body = ChannelsReordered),
        (status = 403, description = "`role_insufficient`."),
        (status = 404, description = "`not_found`: no such team, or it has no channel with this `priority`."),
    ),
)]
pub async fn reorder_team_channels(
    Path(id): Path<TeamId>,
    command: Command<ReorderChannel>,
) -> Result<Reply, Problem> {
    reorder(Owner::Team(id), command).await
}

async fn reorder(owner: Owner, command: Command<ReorderChannel>) -> Result<Reply, Problem> {
    command
        .run(move |tx, command| {
            let holder = owner::load(&tx, &command.caller, owner, Right::Govern)?;
            let &ReorderChannel { priority, new_priority } = command.admit(&tx)?;
            let moved = store::take(&tx, &command.app, &holder, priority)?;
            let taken = store::taken(&tx, &holder)?;
            store::renumber(&tx, &holder, &priority::reorder(&taken, priority, new_priority))?;
            let channels = store::all(&tx, &command.app, &holder)?;
            let data = channels.iter().map(|channel| view::load(&tx, channel, &holder));
            let reply = Reply::ok(&ChannelsReordered {
                message: format!("The channel has priority {} now.", new_priority.get()),
                data: data.collect::<Result<_, Error>>()?,
            });
            let target = Target::Channel(moved.channel_id);
            command.commit(tx, Event::new(holder.organization_id, Action::ChannelReordered, target), reply)
        })
        .await
}
