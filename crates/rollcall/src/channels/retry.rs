//! Tries a message again that has failed, or that waits for its next attempt.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::deliveries::{self, LoggedDelivery};
use super::destination::receiver;
use super::owner::{self, Holder};
use super::{sealed, store};
use crate::allowances::{self, Allowance, toll};
use crate::db::Reader;
use crate::domain::access::Action as Right;
use crate::domain::channel::Owner;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::{CustomerId, DeliveryId, TeamId};
use crate::domain::one_time_code::LIFETIME;
use crate::domain::priority::Priority;
use crate::http::command::Command;
use crate::http::path::Path;
use crate::http::reply::Reply;
use crate::outbox::post::NOTICE_LIFETIME;
use crate::outbox::repost::{hurry, repost};
use crate::problem::{Code, Problem};

/// How often messages of one channel may be tried again by hand.
const RETRIES: Allowance = Allowance { name: "delivery_retries", limit: 30, window: Duration::from_secs(60) };

/// A message that is tried again.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryRetried {
    /// What was done, for people.
    message: String,
    /// The delivery as it now is.
    delivery: LoggedDelivery,
}

/// Retry a delivery to a personal channel
///
/// One that has failed or waits for its next attempt is tried at once, under its id, to where the channel leads now; one that
/// had failed begins its schedule anew. A code is not sent again: ask for a fresh one. Thirty a minute for each channel.
#[utoipa::path(
    post, path = "/v1/customer/{id}/notification-channel/deliveries/{delivery_id}/retry",
    tag = "Personal notification channels",
    params(
        ("id" = CustomerId, Path, description = "You."),
        ("delivery_id" = DeliveryId, Path, description = "The delivery, as the log names it."),
    ),
    responses(
        (status = 202, description = "It is tried again.", body = DeliveryRetried),
        (status = 404, description = "`not_found`: you have no such delivery."),
        (status = 409, description = "`nothing_pending`: it was delivered, it is a code, or it cannot be read any more."),
        (status = 429, description = "`rate_limited`."),
    ),
)]
pub async fn retry_personal_delivery(
    Path((id, delivery_id)): Path<(CustomerId, DeliveryId)>,
    command: Command<()>,
) -> Result<Reply, Problem> {
    retry(Owner::Customer(id), delivery_id, command).await
}

/// Retry a delivery to a team's channel
///
/// For managers of the team and roots of its organization. One that has failed or waits for its next attempt is tried at once,
/// under its id, to where the channel leads now; one that had failed begins its schedule anew. A code is not sent again: ask for a
/// fresh one. Thirty a minute for each channel.
#[utoipa::path(
    post, path = "/v1/team/{id}/notification-channel/deliveries/{delivery_id}/retry",
    tag = "Team notification channels",
    params(
        ("id" = TeamId, Path, description = "The team."),
        ("delivery_id" = DeliveryId, Path, description = "The delivery, as the log names it."),
    ),
    responses(
        (status = 202, description = "It is tried again.", body = DeliveryRetried),
        (status = 403, description = "`role_insufficient`."),
        (status = 404, description = "`not_found`: no such team, or it has no such delivery."),
        (status = 409, description = "`nothing_pending`: it was delivered, it is a code, or it cannot be read any more."),
        (status = 429, description = "`rate_limited`."),
    ),
)]
pub async fn retry_team_delivery(
    Path((id, delivery_id)): Path<(TeamId, DeliveryId)>,
    command: Command<()>,
) -> Result<Reply, Problem> {
    retry(Owner::Team(id), delivery_id, command).await
}

async fn retry(owner: Owner, delivery_id: DeliveryId, command: Command<()>) -> Result<Reply, Problem> {
    command
        .run(move |tx, command| {
            let holder = owner::load(&tx, &command.caller, owner, Right::Govern)?;
            let priority = priority(&tx, &holder, delivery_id)?;
            command.admit(&tx)?;
            let channel = store::take(&tx, &command.app, &holder, priority)?;
            let found = find(&tx, &holder, delivery_id)?;
            if command.app.policy.rate_limits {
                let key = allowances::key(&command.app, &RETRIES, &[&channel.channel_id.to_string()]);
                if let Some(wait) = allowances::take(&tx, &key, &RETRIES, command.now)? {
                    let detail =
                        "Thirty messages of this channel were tried again within a minute. Wait a little.";
                    return Err(Problem::because(Code::RateLimited, detail).retry_after(wait).into());
                }
            }
            match found {
                Found::Waits => hurry(&tx, delivery_id, command.now)?,
                Found::Failed { sealed, test } => {
                    let secret = sealed::signing_secret(&tx, &command.app, &channel)?;
                    let receiver = receiver(channel.kind, channel.value(), secret);
                    // Who bills for what failed would be paid for each try.
                    toll::spend(&tx, &command.app, channel.organization_id, &receiver, command.now)?;
                    let lifetime = if test { LIFETIME } else { NOTICE_LIFETIME };
                    let (key, times) =
                        ((channel.organization_id, delivery_id), (command.now, command.now + lifetime));
                    repost(&tx, &command.app, key, &sealed, receiver, times)?
                        .map_err(|_| nothing("It cannot be read any more: its secret key is gone."))?;
                }
            }
            let delivery = deliveries::one(&tx, &holder, delivery_id)?;
            let message = "The message is tried again at once; its log says what comes of it.".to_owned();
            let reply = Reply::accepted(&DeliveryRetried { message, delivery });
            let target = Target::Channel(channel.channel_id);
            let event = Event::new(holder.organization_id, Action::ChannelDeliveryRetried, target);
            command.commit(tx, event, reply)
        })
        .await
}

/// The channel that the delivery went to.
fn priority(reader: &Reader<'_>, holder: &Holder, delivery_id: DeliveryId) -> Result<Priority, Problem> {
    let row: Option<(i64,)> = reader.fetch_optional(
        "select channel.priority
         from delivery
         join notification_channel channel on channel.organization_id = delivery.organization_id
              and channel.channel_id = delivery.channel_id
         where delivery.organization_id = $1 and delivery.delivery_id = $2 and channel.owner_id = $3",
        (holder.organization_id, delivery_id, holder.owner.uuid()),
    )?;
    row.and_then(|(number,)| Priority::new(number).ok()).ok_or_else(Problem::not_found)
}

/// What can be tried again.
enum Found {
    /// It waits for its next attempt.
    Waits,
    /// It has failed.
    Failed { sealed: Vec<u8>, test: bool },
}

fn find(reader: &Reader<'_>, holder: &Holder, delivery_id: DeliveryId) -> Result<Found, Problem> {
    let (status, kind, sealed): (String, String, Option<Vec<u8>>) = reader.fetch_one(
        "select status, kind, message_sealed from delivery where organization_id = $1 and delivery_id = $2",
        (holder.organization_id, delivery_id),
    )?;
    match (status.as_str(), kind.as_str(), sealed) {
        (_, "verification", _) => Err(nothing("A code is not sent again. Ask for a fresh one instead.")),
        ("delivered", ..) => Err(nothing("It was delivered: there is nothing to try again.")),
        ("queued", ..) => Ok(Found::Waits),
        (_, kind, Some(sealed)) => Ok(Found::Failed { sealed, test: kind == "test" }),
        (.., None) => Err(nothing("What it said is not kept any more. Send it anew.")),
    }
}

fn nothing(detail: &'static str) -> Problem {
    Problem::because(Code::NothingPending, detail)
}
