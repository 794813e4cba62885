//! The audit log as lines of JSON, for keeping elsewhere: what each entry's hash was made of, and the hash.

use std::io::Write;

use jiff::Timestamp;
use serde_json::json;

use super::{Error, Reader};
use crate::domain::id::{CustomerId, EventId, OrganizationId};

/// Rows that are read at once: the log may be longer than the memory.
const BATCH: i64 = 1_000;

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
    Vec<u8>,
    Vec<u8>,
);

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The storage.
    #[error(transparent)]
    Storage(#[from] Error),
    /// Where the lines go.
    #[error("the lines could not be written: {0}")]
    Write(#[from] std::io::Error),
}

/// Writes every chain, each from its first entry on.
///
/// # Errors
/// See [`ExportError`].
pub fn write(reader: &Reader<'_>, out: &mut impl Write) -> Result<(), ExportError> {
    let chains: Vec<(OrganizationId,)> =
        reader.fetch_all("select organization_id from audit_head order by organization_id", ())?;
    for (organization_id,) in chains {
        let mut last = 0;
        loop {
            let rows: Vec<Row> = reader.fetch_all(
                "select seq, event_id, at, actor_id, action, target_type, target_id, request_id, ip, ip_digest, hash
                 from audit_event where organization_id = $1 and seq > $2 order by seq limit $3",
                (organization_id, last, BATCH),
            )?;
            let Some((seq, ..)) = rows.last() else { break };
            last = *seq;
            for row in rows {
                writeln!(out, "{}", line(organization_id, row))?;
            }
        }
    }
    Ok(())
}

fn line(organization_id: OrganizationId, row: Row) -> serde_json::Value {
    let (seq, event_id, at, actor, action, target_type, target_id, request_id, ip, ip_digest, hash) = row;
    json!({
        "organization_id": organization_id.to_string(),
        "seq": seq,
        "event_id": event_id.to_string(),
        "at": at.to_string(),
        "actor_id": actor.map(|actor| actor.to_string()),
        "action": action,
        "target": {"type": target_type, "id": target_id},
        "request_id": request_id,
        "ip": ip,
        "ip_digest": hex::encode(ip_digest),
        "hash": hex::encode(hash),
    })
}
