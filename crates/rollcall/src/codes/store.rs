//! The SQL of one-time codes.

use jiff::Timestamp;

use super::Scope;
use crate::db::{Error, Reader, Tx};
use crate::domain::one_time_code::LiveCode;

/// Holds the code that is out, so that no two guesses are counted as one.
pub(super) fn take(tx: &Tx<'_>, scope: &Scope) -> Result<(), Error> {
    tx.lock(
        "select 1 from one_time_code where organization_id = $1 and purpose = $2 and subject = $3 for update",
        (scope.organization_id, scope.purpose.as_str(), &scope.subject),
    )
}

/// The code that is out, expired or not.
pub(super) fn find(reader: &Reader<'_>, scope: &Scope) -> Result<Option<LiveCode>, Error> {
    let row: Option<([u8; 32], u32, Timestamp, Timestamp)> = reader.fetch_optional(
        "select code_digest, attempts, sent_at, expires_at from one_time_code
         where organization_id = $1 and purpose = $2 and subject = $3",
        (scope.organization_id, scope.purpose.as_str(), &scope.subject),
    )?;
    Ok(row.map(|(digest, attempts, sent_at, expires_at)| LiveCode { digest, attempts, sent_at, expires_at }))
}

/// Puts a fresh code in the place of the one before.
pub(super) fn put(tx: &Tx<'_>, scope: &Scope, code: &LiveCode) -> Result<(), Error> {
    tx.execute(
        "insert into one_time_code (organization_id, purpose, subject, code_digest, attempts, sent_at, expires_at)
         values ($1, $2, $3, $4, 0, $5, $6)
         on conflict (organization_id, purpose, subject) do update
         set code_digest = excluded.code_digest, attempts = 0, sent_at = excluded.sent_at,
             expires_at = excluded.expires_at",
        (
            scope.organization_id,
            scope.purpose.as_str(),
            &scope.subject,
            code.digest,
            code.sent_at,
            code.expires_at,
        ),
    )?;
    Ok(())
}

/// Keeps how often it was tried.
pub(super) fn count(tx: &Tx<'_>, scope: &Scope, code: &LiveCode) -> Result<(), Error> {
    tx.execute(
        "update one_time_code set attempts = $4
         where organization_id = $1 and purpose = $2 and subject = $3",
        (scope.organization_id, scope.purpose.as_str(), &scope.subject, code.attempts),
    )?;
    Ok(())
}

/// Voids it.
pub(super) fn delete(tx: &Tx<'_>, scope: &Scope) -> Result<(), Error> {
    tx.execute(
        "delete from one_time_code where organization_id = $1 and purpose = $2 and subject = $3",
        (scope.organization_id, scope.purpose.as_str(), &scope.subject),
    )?;
    Ok(())
}
