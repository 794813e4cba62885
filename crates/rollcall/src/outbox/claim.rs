//! Leases messages that are due: whoever holds the lease delivers, and only the holder may write down what came of it.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::app::App;
use crate::db::{self, Committed, Tx};
use crate::domain::event::{By, Event};
use crate::domain::id::{DeliveryId, OrganizationId};

/// How long a lease holds: three times what an attempt may take, so that only a dead worker loses one.
const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// A message that this worker holds.
#[derive(Debug, Clone)]
pub(super) struct Claimed {
    pub(super) delivery_id: DeliveryId,
    pub(super) organization_id: OrganizationId,
    pub(super) sealed: Vec<u8>,
    /// This attempt counted.
    pub(super) attempts: u32,
    pub(super) expires_at: Timestamp,
    /// Fences: a result under another lease is not written.
    pub(super) lease: Uuid,
}

/// Leases up to `most` messages that are due, the longest waiting first.
pub(super) async fn claim(app: &App, most: usize) -> Result<Vec<Claimed>, db::Error> {
    let (now, lease) = (app.now(), app.fresh_uuid(app.now()));
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    app.db.write(move |tx| lease_due(tx, now, lease, most)).await
}

fn lease_due(
    tx: Tx<'_>,
    now: Timestamp,
    lease: Uuid,
    most: i64,
) -> Result<Committed<Vec<Claimed>>, db::Error> {
    let rows: Vec<(DeliveryId, OrganizationId, Vec<u8>, u32, Timestamp)> = tx.fetch_all(
        "update outbox set lease = $1, leased_until = $2, attempts = attempts + 1
         where delivery_id in (
           select delivery_id from outbox
           where due_at <= $3 and (leased_until is null or leased_until <= $3)
           order by due_at limit $4)
         returning delivery_id, organization_id, message_sealed, attempts, expires_at",
        (lease, now + LEASE, now, most),
    )?;
    let claimed = rows
        .into_iter()
        .map(|(delivery_id, organization_id, sealed, attempts, expires_at)| Claimed {
            delivery_id,
            organization_id,
            sealed,
            attempts,
            expires_at,
            lease,
        })
        .collect();
    tx.commit(&By::service("outbox"), now, Event::upkeep(), claimed)
}

/// How many messages there are, due or not.
pub async fn waiting(app: &App) -> Result<u32, db::Error> {
    app.db
        .read(|reader| {
            let (count,) = reader.fetch_one("select count(*) from outbox", ())?;
            Ok(count)
        })
        .await
}

/// Ends every lease, where the storage lets only one process in: whoever held them is dead.
pub(super) async fn release_dead(app: &App) -> Result<(), db::Error> {
    if !app.db.is_exclusive() {
        return Ok(());
    }
    let now = app.now();
    app.db
        .write(move |tx| {
            tx.execute("update outbox set lease = null, leased_until = null where lease is not null", ())?;
            tx.commit(&By::service("outbox"), now, Event::upkeep(), ())
        })
        .await
}

/// When the next message becomes due; none while the outbox is empty.
pub(super) async fn next_due(app: &App) -> Result<Option<Timestamp>, db::Error> {
    app.db
        .read(|reader| {
            // A leased message is looked at again when its lease ends.
            let (next,): (Option<Timestamp>,) = reader.fetch_one(
                "select min(case when leased_until is not null and leased_until > due_at
                                 then leased_until else due_at end) from outbox",
                (),
            )?;
            Ok(next)
        })
        .await
}
