//! What was sent under a deduplication key.

use jiff::{SignedDuration, Timestamp};

use super::send::SentDelivery;
use crate::channels::owner::Holder;
use crate::db::{Error, Reader, Tx};
use crate::domain::channel_type::ChannelType;
use crate::domain::notification::DedupKey;
use crate::domain::priority::Priority;

/// For how long a key is sent once. Upkeep deletes it then.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The deliveries that were made under the key within a day.
pub(super) fn sent(
    reader: &Reader<'_>,
    holder: &Holder,
    key: &DedupKey,
    now: Timestamp,
) -> Result<Option<Vec<SentDelivery>>, Error> {
    let found: Option<(String,)> = reader.fetch_optional(
        "select deliveries from notification_dedup
         where organization_id = $1 and owner_id = $2 and dedup_key = $3 and expires_at > $4",
        (holder.organization_id, holder.owner.uuid(), key.as_str(), now),
    )?;
    found.map(|(text,)| read(&text)).transpose()
}

/// Keeps the deliveries under the key; says no where another request was faster.
pub(super) fn keep(
    tx: &Tx<'_>,
    holder: &Holder,
    key: &DedupKey,
    deliveries: &[SentDelivery],
    now: Timestamp,
) -> Result<bool, Error> {
    let changed = tx.execute(
        "insert into notification_dedup (organization_id, owner_id, dedup_key, deliveries, expires_at)
         values ($1, $2, $3, $4, $5)
         on conflict (organization_id, owner_id, dedup_key) do update
         set deliveries = excluded.deliveries, expires_at = excluded.expires_at
         where notification_dedup.expires_at <= $6",
        (holder.organization_id, holder.owner.uuid(), key.as_str(), write(deliveries)?, now + KEPT, now),
    )?;
    Ok(changed == 1)
}

fn write(deliveries: &[SentDelivery]) -> Result<String, Error> {
    let rows: Vec<_> = deliveries
        .iter()
        .map(|sent| (sent.delivery_id.to_string(), sent.priority.get(), sent.kind.as_str()))
        .collect();
    serde_json::to_string(&rows).map_err(|error| Error::Internal(error.to_string()))
}

fn read(text: &str) -> Result<Vec<SentDelivery>, Error> {
    let foreign = || Error::Internal("what was sent under a key cannot be read".to_owned());
    let rows: Vec<(String, i64, String)> = serde_json::from_str(text).map_err(|_| foreign())?;
    rows.into_iter()
        .map(|(delivery_id, priority, kind)| {
            Ok(SentDelivery {
                delivery_id: delivery_id.parse().map_err(|_| foreign())?,
                priority: Priority::new(priority).map_err(|_| foreign())?,
                kind: ChannelType::parse(&kind).map_err(|_| foreign())?,
            })
        })
        .collect()
}
