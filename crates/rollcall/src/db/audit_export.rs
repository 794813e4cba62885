//! The audit log as lines of JSON, for keeping elsewhere: what each entry's hash was made of, and the hash.

use std::io::Write;

use serde_json::json;

use super::audit_entry::{self, Entry};
use super::{Error, Reader};
use crate::domain::id::OrganizationId;

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
    for organization_id in audit_entry::chains(reader)? {
        audit_entry::walk(reader, organization_id, |entry| -> Result<(), ExportError> {
            writeln!(out, "{}", line(organization_id, entry))?;
            Ok(())
        })?;
    }
    Ok(())
}

fn line(organization_id: OrganizationId, entry: Entry) -> serde_json::Value {
    json!({
        "organization_id": organization_id.to_string(),
        "seq": entry.seq,
        "event_id": entry.event_id.to_string(),
        "at": entry.at.to_string(),
        "actor_id": entry.actor.map(|actor| actor.to_string()),
        "action": entry.action,
        "target": {"type": entry.target_type, "id": entry.target_id},
        "request_id": entry.request_id,
        "ip": entry.ip,
        "ip_digest": hex::encode(entry.ip_digest),
        "hash": hex::encode(entry.hash),
    })
}
