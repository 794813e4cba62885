//! Brings a schema up to this program's version in one transaction; one process at a time, whoever else starts just now.

use std::time::Duration;

use jiff::Timestamp;

use super::fault::words;
use super::session::Session;
use super::target::Target;
use crate::db::migrations::{self, Applied};
use crate::db::{Error, OpenError, Value};

/// The key of the advisory lock that whoever migrates holds: "Rollcall" in ASCII.
const LOCK: i64 = 0x526f_6c6c_6361_6c6c;
/// How long a server that is just starting is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection for work that is in nobody's way: it has no pool, and its statements take the time that they need.
pub(in crate::db) fn connect(target: &Target) -> Result<Session, OpenError> {
    let session = Session::new(target.clone()).map_err(|error| OpenError::Engine(error.to_string()))?;
    match session.connect(PATIENCE) {
        Ok(()) => Ok(session),
        Err(why) => Err(OpenError::Unreachable(target.to_string(), why)),
    }
}

/// The version of the schema; 0 before the first migration.
pub(in crate::db) fn version(session: &Session, target: &Target) -> Result<i64, OpenError> {
    let found = applied(session, target)?.last().map_or(0, |(version, _)| *version);
    migrations::not_newer(found).map(|()| found)
}

/// Refuses a schema that is not ours, that differs or that is newer, else runs what is missing: all of it or nothing.
pub(in crate::db) fn migrate(session: &Session, target: &Target, now: Timestamp) -> Result<(), OpenError> {
    let encoding = session.query("show server_encoding", &[])?;
    let encoding: String = encoding.first().and_then(|row| row.try_get(0).ok()).unwrap_or_default();
    if encoding != "UTF8" {
        return Err(OpenError::Encoding(target.to_string(), encoding));
    }
    if migrations::pending(&applied(session, target)?, |migration| migration.postgres)?.is_empty() {
        return Ok(());
    }
    session.batch("begin")?;
    session.query("select pg_advisory_xact_lock($1)", &[Value::Int(LOCK)])?;
    // Looked at again: another process may have done it while this one waited.
    for migration in migrations::pending(&applied(session, target)?, |migration| migration.postgres)? {
        session.batch(
            "create table if not exists schema_migration (
               version bigint constraint \"schema_migration.version\" primary key, name text not null, checksum text not null, applied_at bigint not null
             )",
        )?;
        session.batch(migration.sql)?;
        session.execute(
            "insert into schema_migration (version, name, checksum, applied_at) values ($1, $2, $3, $4)",
            &[
                Value::Int(migration.version),
                Value::Text(migration.name.to_owned()),
                Value::Text(migration.checksum),
                Value::Time(now),
            ],
        )?;
        tracing::info!(version = migration.version, name = migration.name, "migrated the database");
    }
    Ok(session.batch("commit")?)
}

/// What ran in the schema that new tables go to. One with tables that are not ours is left alone.
fn applied(session: &Session, target: &Target) -> Result<Vec<Applied>, OpenError> {
    let tables = session.query(
        "select cast(relname as text) from pg_class
         where relnamespace = (select oid from pg_namespace where nspname = current_schema()) and relkind in ('r', 'p')",
        &[],
    )?;
    let mut tables = tables.iter().map(|row| row.try_get::<_, String>(0).unwrap_or_default()).peekable();
    if tables.peek().is_none() {
        return Ok(Vec::new());
    }
    if !tables.any(|table| table == "schema_migration") {
        return Err(OpenError::ForeignSchema(target.to_string()));
    }
    let rows = session.query("select version, checksum from schema_migration order by version", &[])?;
    let applied = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    applied.collect::<Result<_, tokio_postgres::Error>>().map_err(|error| OpenError::Engine(words(&error)))
}

impl From<Error> for OpenError {
    fn from(error: Error) -> Self {
        Self::Engine(error.to_string())
    }
}
