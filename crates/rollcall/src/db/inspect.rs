//! A look at a database from beside the server, which may be running: its schema version, its audit log.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use rusqlite::Connection;

use super::audit_chain::{self, Broken, Verified};
use super::audit_export::{self, ExportError};
use super::postgres::session::Kind;
use super::reader::{Reader, Snapshot};
use super::sqlite::open;
use super::{OpenError, Place, migrations, postgres, sqlite};

/// The schema version that this program works with.
#[must_use]
pub fn known_schema() -> i64 {
    migrations::known()
}

/// The schema version of a database that is about to be used, 0 where there is none yet.
///
/// # Errors
/// That it is not ours, or cannot be read, or an SQLite file that cannot be written.
pub fn schema(place: &Place) -> Result<i64, OpenError> {
    match place {
        Place::Sqlite(path) if !path.exists() => Ok(0),
        Place::Sqlite(path) => {
            // The engine would only say that it cannot open it.
            OpenOptions::new()
                .write(true)
                .open(path)
                .map_err(|error| OpenError::File(path.clone(), error))?;
            sqlite::migrate::version(&recognised(open::for_recovery(path), path)?)
        }
        Place::Postgres(target) => postgres::migrate::version(&postgres::migrate::connect(target)?, target),
    }
}

/// Why an audit log was not verified or exported.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The database.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The log.
    #[error(transparent)]
    Log(#[from] Broken),
    /// The export.
    #[error(transparent)]
    Export(#[from] ExportError),
}

/// Walks the chains of the audit log of a database, on one snapshot.
///
/// # Errors
/// The first link that does not hold, or that the database cannot be read.
pub fn verify_audit_log(place: &Place) -> Result<Verified, AuditError> {
    on_snapshot(place, |reader| Ok(audit_chain::verify(reader)?))
}

/// Writes the audit log of a database as lines of JSON, on one snapshot.
///
/// # Errors
/// That the database cannot be read, or that the lines cannot be written.
pub fn export_audit_log(place: &Place, out: &mut impl Write) -> Result<(), AuditError> {
    on_snapshot(place, |reader| Ok(audit_export::write(reader, out)?))
}

fn on_snapshot<T>(
    place: &Place,
    read: impl FnOnce(&Reader<'_>) -> Result<T, AuditError>,
) -> Result<T, AuditError> {
    match place {
        Place::Sqlite(path) => {
            let connection = ours(path)?;
            let snapshot = connection.unchecked_transaction().map_err(OpenError::from)?;
            read(&Reader(Snapshot::Sqlite(&snapshot)))
        }
        Place::Postgres(target) => {
            let session = postgres::migrate::connect(target)?;
            postgres::migrate::version(&session, target)?;
            session.begin(Kind::Read);
            read(&Reader(Snapshot::Postgres(&session)))
        }
    }
}

/// A connection to a file that must be there, be ours and be of our time; it cannot write.
pub(super) fn ours(path: &Path) -> Result<Connection, OpenError> {
    if let Err(error) = std::fs::File::open(path) {
        return Err(OpenError::File(path.to_owned(), error));
    }
    recognised(open::for_reading(path), path)
}

fn recognised(connection: Result<Connection, OpenError>, path: &Path) -> Result<Connection, OpenError> {
    let connection = connection.map_err(|_| OpenError::Foreign(path.to_owned()))?;
    sqlite::migrate::recognise(&connection, path)?;
    Ok(connection)
}
