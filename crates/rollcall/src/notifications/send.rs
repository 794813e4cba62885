//! Sends a notification to every active channel of a team, or to one's own.

use serde::Serialize;
use utoipa::ToSchema;

use super::receivers::Receivers;
use super::{receivers, store};
use crate::channels::owner::{self, Holder};
use crate::channels::reach::Reached;
use crate::channels::store::asked;
use crate::db::Tx;
use crate::domain::access::Action as Right;
use crate::domain::channel::Owner;
use crate::domain::channel_type::ChannelType;
use crate::domain::event::{Action, Event, Target};
use crate::domain::free_text::FreeText;
use crate::domain::id::{CustomerId, DeliveryId, TeamId};
use crate::domain::notification::{DedupKey, Title, Url};
use crate::domain::priority::Priority;
use crate::domain::severity::Severity;
use crate::http::command::{Command, Parts};
use crate::http::path::Path;
use crate::http::reply::Reply;
use crate::messages::notification::{Notification, notification};
use crate::outbox::post::{Letter, NOTICE_LIFETIME, post};
use crate::problem::Problem;

crate::body! {
    /// A notification.
    pub struct SendNotification {
        /// What happened, in one line.
        pub title: Title,
        /// All that is to be said: plain text, of several lines if you like. SMS and calls repeat its first 300 characters.
        pub body: FreeText<1, 4_000>,
        /// How much it matters.
        pub severity: Severity,
        /// Where to read more.
        pub url: Option<Url>,
        /// Names what it is about: within 24 hours the same key is sent once, and later requests get the first answer.
        pub dedup_key: Option<DedupKey>,
        /// Only to channels of these types.
        pub include_types: Option<Vec<ChannelType>>,
        /// Not to channels of these types, whatever `include_types` says.
        pub exclude_types: Option<Vec<ChannelType>>,
    }
}

/// A notification on its way.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationSent {
    /// What was done, for people.
    message: String,
    /// A message for each channel, the most important first. The delivery log says what comes of it.
    deliveries: Vec<SentDelivery>,
}

/// A message to one channel.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SentDelivery {
    /// The message's id, which the receiver sees as well.
    pub(super) delivery_id: DeliveryId,
    /// The channel's priority.
    pub(super) priority: Priority,
    /// The channel's type.
    #[serde(rename = "type")]
    pub(super) kind: ChannelType,
}

/// Send a notification to yourself
///
/// To each of your active channels at once, retried for days where a receiver is down. Sixty a minute, and a hundred a day for
/// each SMS or phone number: a channel whose number has got more is left out, and `message` says so.
#[utoipa::path(
    post, path = "/v1/customer/{id}/notification", tag = "Personal notification channels",
    params(("id" = CustomerId, Path, description = "You.")), request_body = SendNotification,
    responses(
        (status = 202, description = "It is on its way to the channels listed.", body = NotificationSent),
        (status = 409, description = "`nobody_reachable`: you have no active channel that it could go to; nothing was sent."),
        (status = 429, description = "`rate_limited`."),
    ),
)]
pub async fn notify_customer(
    Path(id): Path<CustomerId>,
    command: Command<SendNotification>,
) -> Result<Reply, Problem> {
    send(Owner::Customer(id), command).await
}

/// Send a notification to a team
///
/// For managers of the team and roots of its organization. To each active channel of the team at once, retried for days
/// where a receiver is down. Sixty a minute for each team, ten thousand a day for an organization, and a hundred a day for each SMS or
/// phone number: a channel whose number has got more is left out, and `message` says so.
#[utoipa::path(
    post, path = "/v1/team/{id}/notification", tag = "Team notification channels",
    params(("id" = TeamId, Path, description = "The team.")), request_body = SendNotification,
    responses(
        (status = 202, description = "It is on its way to the channels listed.", body = NotificationSent),
        (status = 403, description = "`role_insufficient`."),
        (status = 409, description = "`nobody_reachable`: the team has no active channel that it could go to; nothing was sent."),
        (status = 429, description = "`rate_limited`."),
    ),
)]
pub async fn notify_team(
    Path(id): Path<TeamId>,
    command: Command<SendNotification>,
) -> Result<Reply, Problem> {
    send(Owner::Team(id), command).await
}

async fn send(owner: Owner, command: Command<SendNotification>) -> Result<Reply, Problem> {
    command
        .run(move |tx, command| {
            let now = command.now;
            let holder = owner::load(&tx, &command.caller, owner, Right::Govern)?;
            let sent = command.admit(&tx)?;
            let key = sent.dedup_key.as_ref();
            if let Some(before) = key.map(|key| store::sent(&tx, &holder, key, now)).transpose()?.flatten() {
                return command.commit(tx, Event::upkeep(), repeated(before));
            }
            let Receivers { channels, left_out } = receivers::find(&tx, command, &holder, sent)?;
            let deliveries: Vec<_> = channels
                .iter()
                .map(|channel| SentDelivery {
                    delivery_id: command.app.fresh_id(now),
                    priority: channel.priority,
                    kind: channel.kind,
                })
                .collect();
            if let Some(key) = key
                && !store::keep(&tx, &holder, key, &deliveries, now)?
            {
                let before = store::sent(&tx, &holder, key, now)?.unwrap_or_default();
                return command.commit(tx, Event::upkeep(), repeated(before));
            }
            post_all(&tx, command, &holder, sent, channels, &deliveries)?;
            let target = match owner {
                Owner::Customer(id) => Target::Customer(id),
                Owner::Team(id) => Target::Team(id),
            };
            let message = said(deliveries.len(), &left_out);
            let reply = Reply::accepted(&NotificationSent { message, deliveries });
            command.commit(tx, Event::new(holder.organization_id, Action::NotificationSent, target), reply)
        })
        .await
}

fn repeated(deliveries: Vec<SentDelivery>) -> Reply {
    let message = "This was sent before under the same `dedup_key`: nothing is sent again.".to_owned();
    Reply::accepted(&NotificationSent { message, deliveries })
}

fn post_all(
    tx: &Tx<'_>,
    command: &Parts<SendNotification>,
    holder: &Holder,
    sent: &SendNotification,
    channels: Vec<Reached>,
    deliveries: &[SentDelivery],
) -> Result<(), Problem> {
    let what = Notification {
        title: sent.title.as_str(),
        body: sent.body.as_str(),
        severity: sent.severity,
        url: sent.url.as_ref().map(Url::as_str),
        dedup_key: sent.dedup_key.as_ref().map(DedupKey::as_str),
    };
    let message = notification(&what, &asked(tx, holder, &command.caller)?);
    for (channel, delivery) in channels.into_iter().zip(deliveries) {
        let letter = Letter {
            organization_id: holder.organization_id,
            delivery_id: delivery.delivery_id,
            channel_id: Some(channel.channel_id),
            customer_id: Some(command.caller.customer_id),
            receiver: channel.receiver,
            message: message.clone(),
            expires_at: command.now + NOTICE_LIFETIME,
        };
        post(tx, &command.app, &letter, command.now)?;
    }
    Ok(())
}

fn said(channels: usize, left_out: &[Priority]) -> String {
    let message = match channels {
        1 => "The notification is on its way to one channel.".to_owned(),
        count => format!("The notification is on its way to {count} channels."),
    };
    if left_out.is_empty() {
        return message;
    }
    let numbers: Vec<_> = left_out.iter().map(|priority| priority.get().to_string()).collect();
    let numbers = numbers.join(", ");
    format!(
        "{message} Left out, since their numbers have got a hundred today: the channels with priority {numbers}."
    )
}
