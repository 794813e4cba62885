//! Sends a channel a fresh code.

use super::send_code::{Sending, send};
use super::{owner, store};
use crate::codes::Pace;
use crate::domain::access::Action as Right;
use crate::domain::channel::Owner;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::{CustomerId, DeliveryId, TeamId};
use crate::domain::priority::Priority;
use crate::http::command::Command;
use crate::http::path::Path;
use crate::http::reply::{Done, Reply};
use crate::problem::Problem;

crate::body! {
    /// The channel that is to get a fresh code.
    pub struct ResendCode {
        /// Which channel.
        pub priority: Priority,
    }
}

/// Resend a personal channel's code
///
/// A fresh code goes to the value that waits; the old one is void. Once a minute.
#[utoipa::path(
    post, path = "/v1/customer/{id}/notification-channel/verification", tag = "Personal notification channels",
    params(("id" = CustomerId, Path, description = "You.")), request_body = ResendCode,
    responses(
        (status = 200, description = "A code is on its way.", body = Done),
        (status = 404, description = "`not_found`: you have no channel with this priority."),
        (status = 409, description = "`already_verified`."),
        (status = 429, description = "`resend_too_soon`, or `rate_limited`: the receiver has got too many codes."),
    ),
)]
pub async fn resend_personal_channel_code(
    Path(id): Path<CustomerId>,
    command: Command<ResendCode>,
) -> Result<Reply, Problem> {
    resend(Owner::Customer(id), command).await
}

/// Resend a team channel's code
///
/// For managers of the team and roots of its organization. A fresh code goes to the value that waits; the old one is
/// void. Once a minute.
#[utoipa::path(
    post, path = "/v1/team/{id}/notification-channel/verification", tag = "Team notification channels",
    params(("id" = TeamId, Path, description = "The team.")), request_body = ResendCode,
    responses(
        (status = 200, description = "A code is on its way.", body = Done),
        (status = 403, description = "`role_insufficient`."),
        (status = 404, description = "`not_found`: no such team, or it has no channel with this priority."),
        (status = 409, description = "`already_verified`."),
        (status = 429, description = "`resend_too_soon`, or `rate_limited`: the receiver has got too many codes."),
    ),
)]
pub async fn resend_team_channel_code(
    Path(id): Path<TeamId>,
    command: Command<ResendCode>,
) -> Result<Reply, Problem> {
    resend(Owner::Team(id), command).await
}

async fn resend(owner: Owner, command: Command<ResendCode>) -> Result<Reply, Problem> {
    let delivery_id: DeliveryId = command.app.fresh_id(command.now);
    command
        .run(move |tx, command| {
            let (app, caller, now) = (&command.app, &command.caller, command.now);
            let holder = owner::load(&tx, caller, owner, Right::Govern)?;
            let ResendCode { priority } = command.admit(&tx)?;
            let channel = store::take(&tx, app, &holder, *priority)?;
            send(&tx, app, &holder, &channel, &Sending { caller, delivery_id, pace: Pace::Again, now })?;
            let reply = Reply::ok(&Done::new(
                "A fresh code is on its way. It is valid for ten minutes; the one before is void.",
            ));
            let target = Target::Channel(channel.channel_id);
            command.commit(tx, Event::new(holder.organization_id, Action::ChannelCodeSent, target), reply)
        })
        .await
}
