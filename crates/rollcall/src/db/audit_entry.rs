//! The stored entries of the audit log, chain by chain and a batch at a time: the log may be longer than the memory.

use jiff::Timestamp;

use super::{Error, Reader};
use crate::domain::id::{CustomerId, EventId, OrganizationId};

/// Entries that are read at once.
const BATCH: i64 = 1_000;

/// One entry as it is stored.
pub(super) struct Entry {
    pub(super) seq: i64,
    pub(super) event_id: EventId,
    pub(super) at: Timestamp,
    pub(super) actor: Option<CustomerId>,
    pub(super) action: String,
    pub(super) target_type: String,
    pub(super) target_id: String,
    pub(super) request_id: String,
    /// Gone once it was erased, as the salt is.
    pub(super) ip: Option<String>,
    pub(super) ip_salt: Option<Vec<u8>>,
    pub(super) ip_digest: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

/// Every organization that has a chain, and those whose entries lost its head.
pub(super) fn chains(reader: &Reader<'_>) -> Result<Vec<OrganizationId>, Error> {
    let chains: Vec<(OrganizationId,)> = reader.fetch_all(
        "select organization_id from audit_head union select organization_id from audit_event order by 1",
        (),
    )?;
    Ok(chains.into_iter().map(|(organization_id,)| organization_id).collect())
}

/// Calls `each` with every entry of a chain, in order.
///
/// # Errors
/// The storage's, or the first that `each` returns.
pub(super) fn walk<E: From<Error>>(
    reader: &Reader<'_>,
    organization_id: OrganizationId,
    mut each: impl FnMut(Entry) -> Result<(), E>,
) -> Result<(), E> {
    let mut last = i64::MIN;
    loop {
        let rows: Vec<Row> = reader.fetch_all(
            "select seq, event_id, at, actor_id, action, target_type, target_id, request_id, ip, ip_salt, ip_digest,
                    hash
             from audit_event where organization_id = $1 and seq > $2 order by seq limit $3",
            (organization_id, last, BATCH),
        )?;
        let Some((seq, ..)) = rows.last() else { return Ok(()) };
        last = *seq;
        for row in rows {
            each(entry(row))?;
        }
    }
}

type Row = (
    i64,
    EventId,
    Timestamp,
    Option<CustomerId>,
    String,
    String,
    String,
    String,
    Option<String>,
    Option<Vec<u8>>,
    Vec<u8>,
    Vec<u8>,
);

fn entry(row: Row) -> Entry {
    let (seq, event_id, at, actor, action, target_type, target_id, request_id, ip, ip_salt, ip_digest, hash) =
        row;
    Entry {
        seq,
        event_id,
        at,
        actor,
        action,
        target_type,
        target_id,
        request_id,
        ip,
        ip_salt,
        ip_digest,
        hash,
    }
}
