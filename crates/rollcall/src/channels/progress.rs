//! What became of a channel's messages so far.

use jiff::Timestamp;

use crate::db::{Error, Reader};
use crate::domain::channel::Channel;
use crate::domain::id::{DeliveryId, OrganizationId};
use crate::problem::Problem;

/// What came of a delivery so far.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) status: String,
    pub(super) attempts: i64,
    pub(super) response_status: Option<i64>,
    pub(super) latency_ms: Option<i64>,
    pub(super) detail: Option<String>,
}

impl Outcome {
    /// Nothing yet.
    pub(super) fn queued() -> Self {
        Self {
            status: "queued".to_owned(),
            attempts: 0,
            response_status: None,
            latency_ms: None,
            detail: None,
        }
    }

    /// The channel was deleted meanwhile, and its log with it.
    pub(super) fn gone() -> Self {
        let detail = Some("The channel was deleted meanwhile.".to_owned());
        Self { status: "failed".to_owned(), detail, ..Self::queued() }
    }
}

/// Looks at a delivery and its last attempt; none where its channel is gone.
pub(super) fn outcome(
    reader: &Reader<'_>,
    organization_id: OrganizationId,
    delivery_id: DeliveryId,
) -> Result<Option<Outcome>, Problem> {
    let row: Option<(String, Option<i64>, Option<i64>, Option<i64>, Option<String>)> = reader
        .fetch_optional(
            "select delivery.status, last.attempt, last.response_status, last.latency_ms, last.detail
         from delivery
         left join delivery_attempt last on last.organization_id = delivery.organization_id
              and last.delivery_id = delivery.delivery_id
         where delivery.organization_id = $1 and delivery.delivery_id = $2
         order by last.attempt desc limit 1",
            (organization_id, delivery_id),
        )?;
    Ok(row.map(|(status, attempts, response_status, latency_ms, detail)| Outcome {
        status,
        attempts: attempts.unwrap_or(0),
        response_status,
        latency_ms,
        detail,
    }))
}

/// The newest delivery of a channel: its id, kind, status and time.
pub(super) fn last_delivery(
    reader: &Reader<'_>,
    channel: &Channel,
) -> Result<Option<(DeliveryId, String, String, Timestamp)>, Error> {
    reader.fetch_optional(
        "select delivery_id, kind, status, coalesce(finished_at, created_at) from delivery
         where organization_id = $1 and channel_id = $2 order by delivery_id desc limit 1",
        (channel.organization_id, channel.channel_id),
    )
}
