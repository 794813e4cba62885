//! A look at a database file from beside the server, which may be running: its schema version, its audit log.

use std::path::Path;

use rusqlite::Connection;

use super::audit_chain::{self, Broken, Verified};
use super::sqlite::open;
use super::{OpenError, Reader, migrations};

/// The schema version that this program works with.
#[must_use]
pub fn known_schema() -> i64 {
    migrations::known()
}

/// The schema version of a file, 0 where there is none yet.
///
/// # Errors
/// That the file is not ours, or cannot be read.
pub fn schema(path: &Path) -> Result<i64, OpenError> {
    if !path.exists() {
        return Ok(0);
    }
    migrations::version(&ours(path)?)
}

/// Why an audit log was not verified.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The file.
    #[error(transparent)]
    File(#[from] OpenError),
    /// The log.
    #[error(transparent)]
    Log(#[from] Broken),
}

/// Walks the chains of the audit log of a file, on one snapshot.
///
/// # Errors
/// The first link that does not hold, or that the file cannot be read.
pub fn verify_audit_log(path: &Path) -> Result<Verified, AuditError> {
    let connection = ours(path)?;
    let snapshot = connection.unchecked_transaction().map_err(OpenError::from)?;
    Ok(audit_chain::verify(&Reader { connection: &snapshot })?)
}

/// A connection to a file that must be there, be ours and be of our time; it cannot write.
pub(super) fn ours(path: &Path) -> Result<Connection, OpenError> {
    if let Err(error) = std::fs::File::open(path) {
        return Err(OpenError::File(path.to_owned(), error));
    }
    let Ok(connection) = open::for_reading(path) else { return Err(OpenError::Foreign(path.to_owned())) };
    migrations::recognise(&connection, path)?;
    Ok(connection)
}
