//! The SQL of sessions and tokens.
//!
//! Tokens are deleted by name: where the tables are sharded, no reference can take them along with their session.

use jiff::Timestamp;

use crate::access;
use crate::db::{Error, Reader, Tx};
use crate::domain::id::{CustomerId, OrganizationId, SessionId};
use crate::domain::token::Token;

/// A refresh token as it is kept.
pub(super) struct KeptRefresh {
    pub(super) organization_id: OrganizationId,
    pub(super) customer_id: CustomerId,
    pub(super) session_id: SessionId,
    pub(super) expires_at: Timestamp,
    pub(super) used: bool,
}

/// Where a session was begun.
pub(crate) struct Origin<'a> {
    pub(crate) ip: Option<String>,
    pub(crate) user_agent: Option<&'a str>,
}

/// Begins a session.
pub(crate) fn insert(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    customer_id: CustomerId,
    session_id: SessionId,
    origin: &Origin<'_>,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "insert into session (organization_id, session_id, customer_id, created_at, used_at, ip, user_agent)
         values ($1, $2, $3, $4, $4, $5, $6)",
        (organization_id, session_id, customer_id, now, &origin.ip, origin.user_agent),
    )?;
    Ok(())
}

pub(super) fn insert_token(
    tx: &Tx<'_>,
    kind: &str,
    token: &Token,
    organization_id: OrganizationId,
    customer_id: CustomerId,
    session_id: SessionId,
    expires_at: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "insert into token (token_digest, kind, organization_id, session_id, customer_id, expires_at)
         values ($1, $2, $3, $4, $5, $6)",
        (token.digest(), kind, organization_id, session_id, customer_id, expires_at),
    )?;
    Ok(())
}

pub(super) fn find_refresh(reader: &Reader<'_>, token: &Token) -> Result<Option<KeptRefresh>, Error> {
    let row: Option<(OrganizationId, CustomerId, SessionId, Timestamp, Option<Timestamp>)> = reader
        .fetch_optional(
            "select organization_id, customer_id, session_id, expires_at, used_at from token
         where token_digest = $1 and kind = 'refresh'",
            (token.digest(),),
        )?;
    Ok(row.map(|(organization_id, customer_id, session_id, expires_at, used_at)| KeptRefresh {
        organization_id,
        customer_id,
        session_id,
        expires_at,
        used: used_at.is_some(),
    }))
}

/// Marks a refresh token as used; false where another command was first.
pub(super) fn spend(tx: &Tx<'_>, token: &Token, now: Timestamp) -> Result<bool, Error> {
    let changed = tx.execute(
        "update token set used_at = $2 where token_digest = $1 and used_at is null",
        (token.digest(), now),
    )?;
    Ok(changed == 1)
}

/// Notes that a session is in use.
pub(super) fn touch(tx: &Tx<'_>, kept: &KeptRefresh, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "update session set used_at = $3 where organization_id = $1 and session_id = $2",
        (kept.organization_id, kept.session_id, now),
    )?;
    Ok(())
}

/// Ends a session of a customer with all its tokens; false where they have no such session.
pub(super) fn end_own(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    customer_id: CustomerId,
    session_id: SessionId,
) -> Result<bool, Error> {
    access::hold(tx, organization_id)?;
    let ended = tx.execute(
        "delete from session where organization_id = $1 and session_id = $2 and customer_id = $3",
        (organization_id, session_id, customer_id),
    )?;
    if ended == 1 {
        delete_tokens(tx, organization_id, session_id)?;
    }
    Ok(ended == 1)
}

/// Takes the tokens of a session away, so that others can take their place.
pub(super) fn delete_tokens(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    session_id: SessionId,
) -> Result<(), Error> {
    tx.execute(
        "delete from token where organization_id = $1 and session_id = $2",
        (organization_id, session_id),
    )?;
    Ok(())
}

/// Lets a browser's session go on.
pub(super) fn prolong(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    session_id: SessionId,
    now: Timestamp,
    until: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "update session set used_at = $3 where organization_id = $1 and session_id = $2",
        (organization_id, session_id, now),
    )?;
    tx.execute(
        "update token set expires_at = $3 where organization_id = $1 and session_id = $2 and kind = 'console'",
        (organization_id, session_id, until),
    )?;
    Ok(())
}

/// Ends a session with all its tokens.
pub(crate) fn end(tx: &Tx<'_>, organization_id: OrganizationId, session_id: SessionId) -> Result<(), Error> {
    access::hold(tx, organization_id)?;
    delete_tokens(tx, organization_id, session_id)?;
    tx.execute(
        "delete from session where organization_id = $1 and session_id = $2",
        (organization_id, session_id),
    )?;
    Ok(())
}

/// Ends every session of a customer.
pub(crate) fn end_all(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    customer_id: CustomerId,
) -> Result<(), Error> {
    access::hold(tx, organization_id)?;
    tx.execute(
        "delete from token where organization_id = $1 and session_id in (
           select session_id from session where organization_id = $1 and customer_id = $2)",
        (organization_id, customer_id),
    )?;
    tx.execute(
        "delete from session where organization_id = $1 and customer_id = $2",
        (organization_id, customer_id),
    )?;
    Ok(())
}

/// Ends every session of a customer but one.
pub(crate) fn end_others(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    customer_id: CustomerId,
    kept: SessionId,
) -> Result<(), Error> {
    access::hold(tx, organization_id)?;
    tx.execute(
        "delete from token where organization_id = $1 and session_id in (
           select session_id from session
           where organization_id = $1 and customer_id = $2 and session_id <> $3)",
        (organization_id, customer_id, kept),
    )?;
    tx.execute(
        "delete from session where organization_id = $1 and customer_id = $2 and session_id <> $3",
        (organization_id, customer_id, kept),
    )?;
    Ok(())
}

/// Address, name and surname.
pub(super) fn person(
    reader: &Reader<'_>,
    customer_id: CustomerId,
) -> Result<(String, String, String), Error> {
    reader.fetch_one("select email, name, surname from identity where customer_id = $1", (customer_id,))
}
