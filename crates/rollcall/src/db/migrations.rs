//! The schema's steps: each runs once, on either engine under the same number, and is known by its checksum.

use sha2::{Digest, Sha256};

use super::OpenError;

/// A step of the schema.
pub(super) struct Migration {
    pub(super) version: i64,
    pub(super) name: &'static str,
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

/// All steps, in order.
const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "first",
    sqlite: include_str!("../../../../migrations/sqlite/0001_first.sql"),
    postgres: include_str!("../../../../migrations/postgres/0001_first.sql"),
}];

/// A step that ran, by its number and its checksum.
pub(super) type Applied = (i64, String);

/// A step that is still to run, with its text for the engine and the checksum of that.
pub(super) struct Pending {
    pub(super) version: i64,
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
    pub(super) checksum: String,
}

/// The version that this program brings a schema to.
pub(super) fn known() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

/// Refuses a schema that a later version of the program has changed.
pub(super) fn not_newer(found: i64) -> Result<(), OpenError> {
    let known = known();
    if found > known { Err(OpenError::SchemaNewer { found, known }) } else { Ok(()) }
}

/// What is still to run, after a look at what ran.
pub(super) fn pending(
    applied: &[Applied],
    text: impl Fn(&Migration) -> &'static str,
) -> Result<Vec<Pending>, OpenError> {
    not_newer(applied.last().map_or(0, |(version, _)| *version))?;
    let mut pending = Vec::new();
    for migration in MIGRATIONS {
        let (version, name, sql) = (migration.version, migration.name, text(migration));
        let checksum = hex::encode(Sha256::digest(sql));
        match applied.iter().find(|(applied, _)| *applied == version) {
            Some((_, found)) if *found == checksum => {}
            Some(_) => return Err(OpenError::SchemaDiffers(version)),
            None => pending.push(Pending { version, name, sql, checksum }),
        }
    }
    Ok(pending)
}
