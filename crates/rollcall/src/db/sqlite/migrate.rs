//! Brings a file to the schema of this program, each step in its own transaction; knows a file of ours from others.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use crate::db::OpenError;
use crate::db::migrations::{self, Applied, Pending};

/// Marks a file as ours (`application_id` of the file's header): "Roll".
const APPLICATION_ID: i64 = 0x526f_6c6c;

/// The version of a schema; 0 before the first migration.
pub(in crate::db) fn version(connection: &Connection) -> Result<i64, OpenError> {
    Ok(applied(connection)?.last().map_or(0, |(version, _)| *version))
}

/// Refuses a file that is not ours or that a later version has changed, before anything is written to it.
pub(in crate::db) fn recognise(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let number = |sql| connection.query_row(sql, (), |row| row.get::<_, i64>(0));
    let foreign = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => OpenError::Foreign(path.to_owned()),
        _ => OpenError::from(error),
    };
    let application = number("pragma application_id").map_err(foreign)?;
    let tables = number("select count(*) from sqlite_schema").map_err(foreign)?;
    if application != APPLICATION_ID && (application != 0 || tables > 0) {
        return Err(OpenError::Foreign(path.to_owned()));
    }
    migrations::not_newer(version(connection)?)
}

/// Brings the schema of a file that was recognised up to this program's version.
pub(super) fn migrate(connection: &mut Connection, now: Timestamp) -> Result<(), OpenError> {
    for migration in migrations::pending(&applied(connection)?, |migration| migration.sqlite)? {
        apply(connection, &migration, now)?;
    }
    Ok(())
}

fn applied(connection: &Connection) -> Result<Vec<Applied>, OpenError> {
    let known: i64 = connection.query_row(
        "select count(*) from sqlite_schema where type = 'table' and name = 'schema_migration'",
        (),
        |row| row.get(0),
    )?;
    if known == 0 {
        return Ok(Vec::new());
    }
    let mut statement =
        connection.prepare("select version, checksum from schema_migration order by version")?;
    let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn apply(connection: &mut Connection, migration: &Pending, now: Timestamp) -> Result<(), OpenError> {
    let Pending { version, name, sql, checksum } = migration;
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.execute_batch(
        "create table if not exists schema_migration (
           version integer primary key, name text not null, checksum text not null, applied_at integer not null
         ) strict",
    )?;
    tx.execute_batch(sql)?;
    tx.execute(
        "insert into schema_migration (version, name, checksum, applied_at) values (?, ?, ?, ?)",
        (version, name, checksum, now.as_microsecond()),
    )?;
    tx.commit()?;
    tracing::info!(version, name, "migrated the database");
    Ok(())
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Engine(error.to_string())
    }
}
