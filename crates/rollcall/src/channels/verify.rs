//! Proves a channel by the code that it received.

use super::send_code::scope;
use super::view::{self, ChannelChanged};
use super::{owner, store};
use crate::codes::{self, tally};
use crate::domain::access::Action as Right;
use crate::domain::channel::{Owner, Status};
use crate::domain::channel_type::ChannelType;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::{CustomerId, TeamId};
use crate::domain::one_time_code::Code as OneTimeCode;
use crate::domain::priority::Priority;
use crate::http::command::Command;
use crate::http::path::Path;
use crate::http::reply::Reply;
use crate::problem::{Code, Problem};

crate::body! {
    /// The proof of a channel.
    pub struct VerifyChannel {
        /// Which channel.
        pub priority: Priority,
        /// The code that it received.
        pub code: OneTimeCode,
    }
}

/// Verify a personal notification channel
///
/// The first time this switches the channel on. Later it lets the new value take over. Five tries for each code.
#[utoipa::path(
    patch, path = "/v1/customer/{id}/notification-channel/verification", tag = "Personal notification channels",
    params(("id" = CustomerId, Path, description = "You.")), request_body = VerifyChannel,
    responses(
        (status = 200, description = "The channel is verified.", body = ChannelChanged),
        (status = 404, description = "`not_found`: you have no channel with this priority."),
        (status = 409, description = "`already_verified`."),
        (status = 422, description = "`code_invalid` or `code_expired`."),
        (status = 429, description = "`attempts_exhausted`."),
    ),
)]
pub async fn verify_personal_channel(
    Path(id): Path<CustomerId>,
    command: Command<VerifyChannel>,
) -> Result<Reply, Problem> {
    verify(Owner::Customer(id), command).await
}

/// Verify a notification channel of a team
///
/// For managers of the team and roots of its organization. The first time this switches the channel on. Later it lets
/// the new value take over. Five tries for each code.
#[utoipa::path(
    patch, path = "/v1/team/{id}/notification-channel/verification", tag = "Team notification channels",
    params(("id" = TeamId, Path, description = "The team.")), request_body = VerifyChannel,
    responses(
        (status = 200, description = "The channel is verified.", body = ChannelChanged),
        (status = 403, description = "`role_insufficient`."),
        (status = 404, description = "`not_found`: no such team, or it has no channel with this priority."),
        (status = 409, description = "`already_verified`."),
        (status = 422, description = "`code_invalid` or `code_expired`."),
        (status = 429, description = "`attempts_exhausted`."),
    ),
)]
pub async fn verify_team_channel(
    Path(id): Path<TeamId>,
    command: Command<VerifyChannel>,
) -> Result<Reply, Problem> {
    verify(Owner::Team(id), command).await
}

async fn verify(owner: Owner, command: Command<VerifyChannel>) -> Result<Reply, Problem> {
    command
        .run(move |tx, command| {
            let (app, now) = (&command.app, command.now);
            let holder = owner::load(&tx, &command.caller, owner, Right::Govern)?;
            let VerifyChannel { priority, code } = command.admit(&tx)?;
            let mut channel = store::take(&tx, app, &holder, *priority)?;
            let nothing = |_| Problem::new(Code::AlreadyVerified);
            let scope = scope(&channel, channel.awaits_code().map_err(nothing)?);
            let event =
                |action| Event::new(holder.organization_id, action, Target::Channel(channel.channel_id));
            if let Err(refusal) = codes::guess(&tx, app, &command.by, &scope, code, now)? {
                return command.refuse(tx, event(Action::ChannelCodeRefused), refusal);
            }
            let event = event(Action::ChannelVerified);
            if matches!(channel.kind, ChannelType::Sms | ChannelType::Phone) {
                tally::used(&tx, now)?;
            }
            channel.verify(now).map_err(nothing)?;
            store::save(&tx, app, &channel)?;
            store::forgive(&tx, &channel)?;
            let message = match channel.status() {
                Status::Disabled => "The channel is verified. It stays switched off until you enable it.",
                _ => "The channel is verified: messages arrive there from now on.",
            };
            let reply = Reply::ok(&ChannelChanged {
                message: message.to_owned(),
                notification_channel: view::load(&tx, &channel, &holder)?,
            });
            command.commit(tx, event, reply)
        })
        .await
}
