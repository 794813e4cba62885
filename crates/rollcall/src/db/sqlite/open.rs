//! Connections to the file, and what is asked of the engine.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::migrate;
use crate::db::{OpenError, Synchronous};
use crate::folders;

/// The first version without the fault that could lose data when a write-ahead log is reset.
const OLDEST: i32 = 3_051_003;
const STATEMENTS: usize = 256;
/// How long a connection waits for another of this or a passing process.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// The most that each of the three connections keeps of the file, in KiB: what a hundred callers of millions come back for. What is not
/// there is copied from the system's memory.
const CACHE: i32 = 8 * 1024;

pub(super) fn check_version() -> Result<(), OpenError> {
    if rusqlite::version_number() < OLDEST {
        return Err(OpenError::EngineTooOld(rusqlite::version().to_owned()));
    }
    Ok(())
}

pub(in crate::db) fn make_folder(path: &Path) -> Result<(), OpenError> {
    let folder = path.parent().unwrap_or(Path::new(""));
    folders::make(folder).map_err(|error| OpenError::File(folder.to_owned(), error))
}

/// Makes the file if there is none, for its owner alone; its log gets the same mode from the engine.
fn make_file(path: &Path) -> Result<(), OpenError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ()).map_err(|error| OpenError::File(path.to_owned(), error))
}

pub(super) fn for_writing(path: &Path, synchronous: Synchronous) -> Result<Connection, OpenError> {
    make_file(path)?;
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    migrate::recognise(&connection, path)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(
        None,
        "synchronous",
        match synchronous {
            Synchronous::Full => "full",
            Synchronous::Normal => "normal",
            Synchronous::Off => "off",
        },
    )?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    // What is deleted is overwritten, also in pages that become free: whoever has left is gone from the file.
    connection.pragma_update(None, "secure_delete", true)?;
    shared(&connection)?;
    Ok(connection)
}

pub(in crate::db) fn for_reading(path: &Path) -> Result<Connection, OpenError> {
    query_only(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// For the first look at a file that is about to be used: takes back what a power cut left half done while the file was being made, when it
/// had no write-ahead log yet. A connection for reading could only say that there is something.
pub(in crate::db) fn for_recovery(path: &Path) -> Result<Connection, OpenError> {
    query_only(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
}

fn query_only(path: &Path, access: OpenFlags) -> Result<Connection, OpenError> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.pragma_update(None, "query_only", true)?;
    shared(&connection)?;
    Ok(connection)
}

fn shared(connection: &Connection) -> Result<(), OpenError> {
    connection.busy_timeout(PATIENCE)?;
    // Negative: in KiB, not in pages (sqlite.org/pragma.html#pragma_cache_size).
    connection.pragma_update(None, "cache_size", -CACHE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // The file may have come from anywhere (a restored backup): nothing in its schema is trusted to run.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // A plan that looked at its arguments is made anew whenever they change, which here is always: half of what a query cost.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn a_statement_is_planned_once_whatever_its_arguments() {
        let connection = Connection::open_in_memory().expect("it opens");
        shared(&connection).expect("it is set up");
        connection
            .execute_batch(
                "create table thing (name text); create index few on thing (name) where name > 'm'",
            )
            .expect("a table");
        let mut statement =
            connection.prepare("select 1 from thing where name = $1 limit $2").expect("prepared");
        for name in ["a", "n", "z"] {
            assert!(!statement.exists((name, 1)).expect("asked"));
        }
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
