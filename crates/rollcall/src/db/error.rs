//! What the storage refuses.

use std::path::PathBuf;

/// Why a statement or a commit failed. Never shows a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A unique rule, by the name that the schema gives it: `team.name_key`.
    #[error("the unique rule {0} was broken")]
    Unique(String),
    /// A reference to something that is not there, or that something still refers to.
    #[error("a foreign key was broken")]
    ForeignKey,
    /// A check of the schema.
    #[error("the check {0} was broken")]
    Check(String),
    /// No room on the disk.
    #[error("the disk is full")]
    StorageFull,
    /// The storage does not answer just now.
    #[error("the storage is not available")]
    Unavailable,
    /// A row that must be there is not.
    #[error("a row is missing")]
    Missing,
    /// A fault of ours.
    #[error("the storage failed: {0}")]
    Internal(String),
}

/// Why the storage cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder or the file cannot be used.
    #[error("the database {0} cannot be used: {1}")]
    File(PathBuf, std::io::Error),
    /// Another process has it.
    #[error("the database {0} is in use by another process; stop that one first")]
    InUse(PathBuf),
    /// Not one of ours.
    #[error("{0} is not a Rollcall database")]
    Foreign(PathBuf),
    /// No connection to the server.
    #[error("{0} cannot be reached: {1}")]
    Unreachable(String, String),
    /// The schema holds tables that are not ours.
    #[error(
        "{0} holds tables that are not Rollcall's; give it a database of its own, or a schema by options=-csearch_path=..."
    )]
    ForeignSchema(String),
    /// The database cannot hold every name.
    #[error("{0} is encoded in {1}; create the database with encoding UTF8")]
    Encoding(String, String),
    /// The engine is too old to be trusted with a write-ahead log.
    #[error("SQLite {0} is older than 3.51.3, which mends a fault that loses data")]
    EngineTooOld(String),
    /// The schema is of a later version.
    #[error("the database has schema {found}, this program knows up to {known}: start the newer version")]
    SchemaNewer {
        /// In the database.
        found: i64,
        /// In this program.
        known: i64,
    },
    /// A migration that ran is not the one of this program.
    #[error("migration {0} of the database is not the one of this program")]
    SchemaDiffers(i64),
    /// The engine.
    #[error("the database cannot be opened: {0}")]
    Engine(String),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        use rusqlite::ffi::{
            SQLITE_CONSTRAINT_CHECK, SQLITE_CONSTRAINT_FOREIGNKEY, SQLITE_CONSTRAINT_PRIMARYKEY,
            SQLITE_CONSTRAINT_UNIQUE,
        };
        let rusqlite::Error::SqliteFailure(failure, message) = &error else {
            return match error {
                rusqlite::Error::QueryReturnedNoRows => Self::Missing,
                error => Self::Internal(error.to_string()),
            };
        };
        let message = message.as_deref().unwrap_or_default();
        match (failure.code, failure.extended_code) {
            (_, SQLITE_CONSTRAINT_UNIQUE | SQLITE_CONSTRAINT_PRIMARYKEY) => Self::Unique(constraint(message)),
            (_, SQLITE_CONSTRAINT_FOREIGNKEY) => Self::ForeignKey,
            (_, SQLITE_CONSTRAINT_CHECK) => {
                Self::Check(message.rsplit(": ").next().unwrap_or_default().to_owned())
            }
            (ErrorCode::DiskFull, _) => Self::StorageFull,
            // The engine calls a file damaged where the disk failed to read it.
            (ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt, _) => {
                tracing::error!(error = %failure, "the disk fails, or the file is damaged");
                Self::Unavailable
            }
            (
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::OutOfMemory,
                _,
            ) => Self::Unavailable,
            _ => Self::Internal(failure.to_string()),
        }
    }
}

/// `UNIQUE constraint failed: team.organization_id, team.name_key` -> `team.name_key`, as the schema names the rule.
fn constraint(message: &str) -> String {
    message.rsplit([' ', ',']).next().unwrap_or_default().to_owned()
}
