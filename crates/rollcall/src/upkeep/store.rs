//! The SQL of upkeep: each statement deletes one batch and says how many rows it found.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::db::{Error, Tx};
use crate::domain::id::{DeliveryId, OrganizationId, SessionId};

/// Sign-ups that nobody confirmed in time.
pub(super) fn sign_ups(tx: &Tx<'_>, until: Timestamp, most: i64) -> Result<u64, Error> {
    tx.execute(
        "delete from sign_up where email_key in (
           select email_key from sign_up where expires_at <= $1 limit $2)",
        (until, most),
    )
}

/// One-time codes.
pub(super) fn codes(tx: &Tx<'_>, until: Timestamp, most: i64) -> Result<u64, Error> {
    tx.execute(
        "delete from one_time_code where (organization_id, purpose, subject) in (
           select organization_id, purpose, subject from one_time_code where expires_at <= $1 limit $2)",
        (until, most),
    )
}

/// Tokens, and the sessions that have none left.
pub(super) fn tokens(tx: &Tx<'_>, until: Timestamp, most: i64) -> Result<u64, Error> {
    let rows: Vec<(OrganizationId, SessionId)> = tx.fetch_all(
        "delete from token where token_digest in (
           select token_digest from token where expires_at <= $1 limit $2)
         returning organization_id, session_id",
        (until, most),
    )?;
    let sessions: BTreeSet<_> = rows.iter().collect();
    for (organization_id, session_id) in sessions {
        tx.execute(
            "delete from session where organization_id = $1 and session_id = $2
               and not exists (select 1 from token where organization_id = $1 and session_id = $2)",
            (organization_id, session_id),
        )?;
    }
    Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
}

/// Answers that were kept for idempotency keys.
pub(super) fn idempotency_keys(tx: &Tx<'_>, until: Timestamp, most: i64) -> Result<u64, Error> {
    tx.execute(
        "delete from idempotency where (organization_id, customer_id, key) in (
           select organization_id, customer_id, key from idempotency where created_at <= $1 limit $2)",
        (until, most),
    )
}

/// Counters whose window has ended.
pub(super) fn allowances(tx: &Tx<'_>, until: Timestamp, most: i64) -> Result<u64, Error> {
    tx.execute(
        "delete from allowance where allowance_key in (
           select allowance_key from allowance where window_ends <= $1 limit $2)",
        (until, most),
    )
}

/// Messages of the built-in mailbox.
pub(super) fn mailbox_messages(tx: &Tx<'_>, until: Timestamp, most: i64) -> Result<u64, Error> {
    tx.execute(
        "delete from mailbox_message where message_id in (
           select message_id from mailbox_message where created_at <= $1 limit $2)",
        (until, most),
    )
}

/// Messages of no use that no worker has come to; where one is in flight after all, its result finds no row. The log says
/// that they have failed.
pub(super) fn outbox(tx: &Tx<'_>, until: Timestamp, most: i64) -> Result<u64, Error> {
    let gone: Vec<(OrganizationId, DeliveryId, Timestamp)> = tx.fetch_all(
        "delete from outbox where delivery_id in (
           select delivery_id from outbox where expires_at <= $1 limit $2)
         returning organization_id, delivery_id, expires_at",
        (until, most),
    )?;
    for (organization_id, delivery_id, expired_at) in &gone {
        tx.execute(
            "update delivery set status = 'failed', finished_at = $3
             where organization_id = $1 and delivery_id = $2",
            (organization_id, delivery_id, expired_at),
        )?;
    }
    Ok(u64::try_from(gone.len()).unwrap_or(u64::MAX))
}

/// Deliveries that are over, with their attempts.
pub(super) fn deliveries(tx: &Tx<'_>, until: Timestamp, most: i64) -> Result<u64, Error> {
    tx.execute(
        "delete from delivery where (organization_id, delivery_id) in (
           select organization_id, delivery_id from delivery
           where created_at <= $1 and status <> 'queued' limit $2)",
        (until, most),
    )
}

/// What was sent under deduplication keys.
pub(super) fn dedup_keys(tx: &Tx<'_>, until: Timestamp, most: i64) -> Result<u64, Error> {
    tx.execute(
        "delete from notification_dedup where (organization_id, owner_id, dedup_key) in (
           select organization_id, owner_id, dedup_key from notification_dedup where expires_at <= $1 limit $2)",
        (until, most),
    )
}
