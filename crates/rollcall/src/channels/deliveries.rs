//! The delivery log of somebody's channels, newest first, with each attempt.

use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::owner::{self, Holder};
use super::store;
use crate::db::{Error, Reader};
use crate::domain::access::Action;
use crate::domain::channel::Owner;
use crate::domain::id::{ChannelId, CustomerId, DeliveryId, Id, TeamId};
use crate::domain::priority::Priority;
use crate::http::moment::Moment;
use crate::http::params::List;
use crate::http::path::Path;
use crate::http::query::Query;
use crate::problem::Problem;

/// A message to a channel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub struct LoggedDelivery {
    delivery_id: DeliveryId,
    /// The channel's priority now.
    #[schema(minimum = 1, maximum = 999)]
    priority: i64,
    /// The channel's type.
    #[serde(rename = "type")]
    kind: String,
    /// What was sent: `verification`, `test`, `notification`, or `disabled` for the notice that a channel was switched off.
    #[serde(rename = "kind")]
    message_kind: String,
    /// `queued`, `delivered` or `failed`.
    status: String,
    /// When it was queued.
    created_at: Moment,
    /// When it was delivered or given up.
    finished_at: Option<Moment>,
    /// Each attempt, the first one first.
    attempts: Vec<Attempt>,
}

/// One attempt to deliver a message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliveryAttempt)]
pub struct Attempt {
    /// When it ended.
    at: Moment,
    /// `delivered`, `retry` where another attempt follows, or `failed`.
    outcome: String,
    /// The receiver's status: HTTP's for webhooks and gateways, the reply code of a mail server.
    response_status: Option<i64>,
    /// How long it took.
    #[schema(minimum = 0)]
    latency_ms: i64,
    /// What came of it, for people.
    detail: String,
    /// The receiver's own words, the first 500 characters; masked for those who may not change the channel.
    answer: Option<String>,
}

/// List deliveries to personal channels
///
/// What was sent to your channels, newest first, with each attempt.
#[utoipa::path(
    get, path = "/v1/customer/{id}/notification-channel/deliveries", tag = "Personal notification channels",
    params(
        ("id" = CustomerId, Path, description = "You."),
        ("priority" = Option<i64>, Query, minimum = 1, maximum = 999, description = "Of this channel alone."),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "How many at the most; 50 by default."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
    ),
    responses(
        (status = 200, description = "The deliveries, newest first.", body = List<LoggedDelivery>),
        (status = 404, description = "`not_found`: you have no channel with this priority."),
    ),
)]
pub async fn list_personal_deliveries(Path(id): Path<CustomerId>, query: Query) -> Result<Response, Problem> {
    list(Owner::Customer(id), query).await
}

/// List deliveries to a team's channels
///
/// For whoever sees the team. What was sent to its channels, newest first, with each attempt; what the
/// receivers answered is masked for plain users.
#[utoipa::path(
    get, path = "/v1/team/{id}/notification-channel/deliveries", tag = "Team notification channels",
    params(
        ("id" = TeamId, Path, description = "The team."),
        ("priority" = Option<i64>, Query, minimum = 1, maximum = 999, description = "Of this channel alone."),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "How many at the most; 50 by default."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
    ),
    responses(
        (status = 200, description = "The deliveries, newest first.", body = List<LoggedDelivery>),
        (status = 404, description = "`not_found`: no such team, or it has no channel with this priority."),
    ),
)]
pub async fn list_team_deliveries(Path(id): Path<TeamId>, query: Query) -> Result<Response, Problem> {
    list(Owner::Team(id), query).await
}

type Row = (DeliveryId, i64, String, String, String, Timestamp, Option<Timestamp>);
type AttemptRow = (DeliveryId, Timestamp, String, Option<i64>, i64, String, Option<String>);

async fn list(owner: Owner, query: Query) -> Result<Response, Problem> {
    query
        .run(move |reader, query| {
            let holder = owner::load(reader, &query.caller, owner, Action::See)?;
            let mut params = query.params();
            let priority = params.single("priority", Priority::parse);
            let page = params.page()?;
            let channel_id =
                priority.map(|priority| store::named_id(reader, &holder, priority)).transpose()?;
            // The greatest UUID stands above every delivery: the first page begins below it.
            let below = page.after.map_or(Uuid::max(), |(_, id)| id);
            let rows = deliveries(reader, &holder, channel_id, below, page.rows())?;
            let lowest = rows.last().map_or(Uuid::max(), |(delivery_id, ..)| delivery_id.uuid());
            let mut attempts = attempts(reader, &holder, below, lowest)?.into_iter().peekable();
            Ok(page.list(
                rows,
                |(delivery_id, ..)| (0, delivery_id.uuid()),
                |row| {
                    let mut own = Vec::new();
                    // Both come in the same order; attempts of another channel's deliveries are passed over.
                    while let Some(attempt) = attempts.next_if(|attempt| attempt.0 >= row.0) {
                        if attempt.0 == row.0 {
                            own.push(attempt);
                        }
                    }
                    logged(row, own, holder.secrets)
                },
            ))
        })
        .await
}

/// One delivery as the log shows it.
///
/// # Errors
/// 404 where the owner has no such delivery.
pub(super) fn one(
    reader: &Reader<'_>,
    holder: &Holder,
    delivery_id: DeliveryId,
) -> Result<LoggedDelivery, Problem> {
    // The page that begins with it.
    let above = Uuid::from_u128(delivery_id.uuid().as_u128().saturating_add(1));
    let row = deliveries(reader, holder, None, above, 1)?.into_iter().find(|(id, ..)| *id == delivery_id);
    let attempts = attempts(reader, holder, above, delivery_id.uuid())?;
    Ok(logged(row.ok_or_else(Problem::not_found)?, attempts, holder.secrets))
}

fn logged(
    (delivery_id, priority, kind, message_kind, status, created_at, finished_at): Row,
    attempts: Vec<AttemptRow>,
    secrets: bool,
) -> LoggedDelivery {
    LoggedDelivery {
        delivery_id,
        priority,
        kind,
        message_kind,
        status,
        created_at: created_at.into(),
        finished_at: finished_at.map(Moment::from),
        attempts: attempts.into_iter().map(|row| attempt(row, secrets)).collect(),
    }
}

fn deliveries(
    reader: &Reader<'_>,
    holder: &Holder,
    channel_id: Option<ChannelId>,
    below: Uuid,
    rows: i64,
) -> Result<Vec<Row>, Error> {
    // Of all channels, or of one: the second is a range of the index, so each has a statement of its own.
    match channel_id {
        None => reader.fetch_all(
            "select delivery.delivery_id, channel.priority, channel.type, delivery.kind, delivery.status,
                    delivery.created_at, delivery.finished_at
             from delivery
             join notification_channel channel on channel.organization_id = delivery.organization_id
                  and channel.channel_id = delivery.channel_id
             where delivery.organization_id = $1 and channel.owner_id = $2 and delivery.delivery_id < $3
             order by delivery.delivery_id desc limit $4",
            (holder.organization_id, holder.owner.uuid(), below, rows),
        ),
        Some(channel_id) => reader.fetch_all(
            "select delivery.delivery_id, channel.priority, channel.type, delivery.kind, delivery.status,
                    delivery.created_at, delivery.finished_at
             from delivery
             join notification_channel channel on channel.organization_id = delivery.organization_id
                  and channel.channel_id = delivery.channel_id
             where delivery.organization_id = $1 and channel.owner_id = $2 and delivery.delivery_id < $3
               and delivery.channel_id = $4
             order by delivery.delivery_id desc limit $5",
            (holder.organization_id, holder.owner.uuid(), below, channel_id, rows),
        ),
    }
}

/// Every attempt of the page's deliveries, in one statement.
fn attempts(
    reader: &Reader<'_>,
    holder: &Holder,
    below: Uuid,
    lowest: Uuid,
) -> Result<Vec<AttemptRow>, Error> {
    reader.fetch_all(
        "select attempt.delivery_id, attempt.at, attempt.outcome, attempt.response_status, attempt.latency_ms,
                attempt.detail, attempt.answer
         from delivery_attempt attempt
         join delivery on delivery.organization_id = attempt.organization_id
              and delivery.delivery_id = attempt.delivery_id
         join notification_channel channel on channel.organization_id = delivery.organization_id
              and channel.channel_id = delivery.channel_id
         where attempt.organization_id = $1 and channel.owner_id = $2
           and attempt.delivery_id < $3 and attempt.delivery_id >= $4
         order by attempt.delivery_id desc, attempt.attempt",
        (holder.organization_id, holder.owner.uuid(), below, lowest),
    )
}

fn attempt(
    (_, at, outcome, response_status, latency_ms, detail, answer): AttemptRow,
    secrets: bool,
) -> Attempt {
    let answer = if secrets { answer } else { answer.map(|_| "…".to_owned()) };
    Attempt { at: at.into(), outcome, response_status, latency_ms, detail, answer }
}
