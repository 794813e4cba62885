//! Switches a channel on or off.

use super::view::{self, ChannelChanged};
use super::{owner, reach, store};
use crate::domain::access::Action as Right;
use crate::domain::channel::{Owner, Status};
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::{CustomerId, TeamId};
use crate::domain::priority::Priority;
use crate::http::command::Command;
use crate::http::path::Path;
use crate::http::reply::Reply;
use crate::outbox::health;
use crate::problem::{Code, Problem};

crate::body! {
    /// Whether messages go to a channel.
    pub struct EnableChannel {
        /// Which channel.
        pub priority: Priority,
        /// On or off.
        pub enabled: bool,
    }
}

/// Enable or disable a personal notification channel
///
/// A channel that is switched off keeps its place and its value, and receives nothing but tests and codes; what still
/// waited for it fails, and can be retried. Switching off your last active channel succeeds, and `message` says so.
#[utoipa::path(
    put, path = "/v1/customer/{id}/notification-channel/enabled", tag = "Personal notification channels",
    params(("id" = CustomerId, Path, description = "You.")), request_body = EnableChannel,
    responses(
        (status = 200, description = "The channel is switched as asked.", body = ChannelChanged),
        (status = 404, description = "`not_found`: you have no channel with this priority."),
        (status = 409, description = "`not_verified`: it was never verified, so it cannot be switched on."),
    ),
)]
pub async fn enable_personal_channel(
    Path(id): Path<CustomerId>,
    command: Command<EnableChannel>,
) -> Result<Reply, Problem> {
    enable(Owner::Customer(id), command).await
}

/// Enable or disable a notification channel of a team
///
/// For managers of the team and roots of its organization. A channel that is switched off keeps its place and its value,
/// and receives nothing but tests and codes; what still waited for it fails, and can be retried. Switching off the last
/// active channel succeeds, and `message` says so.
#[utoipa::path(
    put, path = "/v1/team/{id}/notification-channel/enabled", tag = "Team notification channels",
    params(("id" = TeamId, Path, description = "The team.")), request_body = EnableChannel,
    responses(
        (status = 200, description = "The channel is switched as asked.", body = ChannelChanged),
        (status = 403, description = "`role_insufficient`."),
        (status = 404, description = "`not_found`: no such team, or it has no channel with this priority."),
        (status = 409, description = "`not_verified`: it was never verified, so it cannot be switched on."),
    ),
)]
pub async fn enable_team_channel(
    Path(id): Path<TeamId>,
    command: Command<EnableChannel>,
) -> Result<Reply, Problem> {
    enable(Owner::Team(id), command).await
}

async fn enable(owner: Owner, command: Command<EnableChannel>) -> Result<Reply, Problem> {
    command
        .run(move |tx, command| {
            let holder = owner::load(&tx, &command.caller, owner, Right::Govern)?;
            let EnableChannel { priority, enabled } = command.admit(&tx)?;
            let mut channel = store::take(&tx, &command.app, &holder, *priority)?;
            let was_active = channel.status() == Status::Active;
            channel.enable(*enabled).map_err(|_| Problem::new(Code::NotVerified))?;
            store::save(&tx, &command.app, &channel)?;
            let (action, message) = if *enabled {
                store::forgive(&tx, &channel)?;
                (Action::ChannelEnabled, "The channel is enabled: messages arrive there again.".to_owned())
            } else {
                let why = "The channel was switched off before.";
                health::stop(&tx, channel.organization_id, channel.channel_id, why, command.now)?;
                let mut message =
                    "The channel is disabled: no messages go there until you enable it.".to_owned();
                if was_active && reach::count(&tx, &holder)? == 0 {
                    message += &reach::nobody_left(&holder);
                }
                (Action::ChannelDisabled, message)
            };
            let reply = Reply::ok(&ChannelChanged {
                message,
                notification_channel: view::load(&tx, &channel, &holder)?,
            });
            let target = Target::Channel(channel.channel_id);
            command.commit(tx, Event::new(holder.organization_id, action, target), reply)
        })
        .await
}
