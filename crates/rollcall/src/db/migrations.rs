//! The schema's steps: each runs once, in its own transaction, and is known by its checksum.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::OpenError;

/// A step of the schema.
struct Migration {
    version: i64,
    name: &'static str,
    sql: &'static str,
}

/// All steps, in order.
const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "first",
    sql: include_str!("../../../../migrations/sqlite/0001_first.sql"),
}];

/// Marks a file as ours (`application_id` of the file's header): "Roll".
pub(super) const APPLICATION_ID: i64 = 0x526f_6c6c;

/// The version that this program brings a schema to.
pub(super) fn known() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

/// The version of a schema; 0 before the first migration.
pub(super) fn version(connection: &Connection) -> Result<i64, OpenError> {
    Ok(applied(connection)?.last().map_or(0, |(version, _)| *version))
}

/// Refuses a file that is not ours or that a later version has changed, before anything is written to it.
pub(super) fn recognise(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let number = |sql| connection.query_row(sql, (), |row| row.get::<_, i64>(0));
    let (Ok(application), Ok(tables)) =
        (number("pragma application_id"), number("select count(*) from sqlite_schema"))
    else {
        return Err(OpenError::Foreign(path.to_owned()));
    };
    if application != APPLICATION_ID && (application != 0 || tables > 0) {
        return Err(OpenError::Foreign(path.to_owned()));
    }
    let (found, known) = (version(connection)?, known());
    if found > known { Err(OpenError::SchemaNewer { found, known }) } else { Ok(()) }
}

/// Brings the schema of a file that was recognised up to this program's version.
pub(super) fn migrate(connection: &mut Connection, now: Timestamp) -> Result<(), OpenError> {
    let applied = applied(connection)?;
    for migration in MIGRATIONS {
        let checksum = hex::encode(Sha256::digest(migration.sql));
        match applied.iter().find(|(version, _)| *version == migration.version) {
            Some((_, found)) if *found == checksum => {}
            Some((version, _)) => return Err(OpenError::SchemaDiffers(*version)),
            None => apply(connection, migration, &checksum, now)?,
        }
    }
    Ok(())
}

fn applied(connection: &Connection) -> Result<Vec<(i64, String)>, OpenError> {
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

fn apply(
    connection: &mut Connection,
    migration: &Migration,
    checksum: &str,
    now: Timestamp,
) -> Result<(), OpenError> {
    let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.execute_batch(
        "create table if not exists schema_migration (
           version integer primary key, name text not null, checksum text not null, applied_at integer not null
         ) strict",
    )?;
    tx.execute_batch(migration.sql)?;
    tx.execute(
        "insert into schema_migration (version, name, checksum, applied_at) values (?, ?, ?, ?)",
        (migration.version, migration.name, checksum, now.as_microsecond()),
    )?;
    tx.commit()?;
    tracing::info!(version = migration.version, name = migration.name, "migrated the database");
    Ok(())
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Engine(error.to_string())
    }
}
