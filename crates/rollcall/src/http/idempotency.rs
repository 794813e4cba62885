//! `Idempotency-Key`: the answer of a command is kept in the command's own transaction, and given again for 24 hours.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::caller::Caller;
use super::reply::Reply;
use crate::app::App;
use crate::db::{self, Tx};
use crate::domain::id::CustomerId;
use crate::domain::invalid::Invalid;
use crate::problem::{Code, Problem};

/// The header that carries the key.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// How long an answer is kept.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// A key with the request that it stands for.
#[derive(Debug, Clone)]
pub struct Key {
    text: String,
    fingerprint: [u8; 32],
}

impl Key {
    /// The key of a request, if it has one.
    ///
    /// # Errors
    /// 422 where it has several.
    pub(super) fn of(
        values: &[HeaderValue],
        method: &Method,
        uri: &Uri,
        body: &[u8],
    ) -> Option<Result<Self, Problem>> {
        match values {
            [] => None,
            [value] => Some(Self::new(value.to_str().ok(), method, uri, body)),
            _ => Some(Self::new(None, method, uri, body)),
        }
    }

    /// 1 to 255 visible ASCII characters, and the digest of method, path, query and body.
    fn new(text: Option<&str>, method: &Method, uri: &Uri, body: &[u8]) -> Result<Self, Problem> {
        let text = text.filter(|text| {
            (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
        });
        let Some(text) = text else {
            let message =
                "Give one key of 1 to 255 visible ASCII characters, a fresh UUID for instance.".into();
            return Err(Problem::field(
                "Idempotency-Key",
                Invalid { code: "idempotency_key_invalid", message },
            ));
        };
        let mut digest = Sha256::new();
        for part in [method.as_str(), uri.path(), uri.query().unwrap_or_default()] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        digest.update(body);
        Ok(Self { text: text.to_owned(), fingerprint: digest.finalize().into() })
    }

    /// Makes this command the only one with its key, of whichever process, until it ends.
    ///
    /// # Errors
    /// 409 `idempotency_conflict` with `Retry-After: 1` while another request with it runs.
    pub(super) fn claim(&self, tx: &Tx<'_>, caller: &Caller) -> Result<(), Problem> {
        let digest = Sha256::digest(self.context(caller));
        let number = digest.first_chunk().map_or(0, |start| i64::from_be_bytes(*start));
        if tx.claim(number)? { Ok(()) } else { Err(still_running()) }
    }

    /// The answer that was given to this key, if any.
    pub(super) fn served(
        &self,
        tx: &Tx<'_>,
        app: &App,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Option<Reply>, Problem> {
        let kept: Option<(Vec<u8>, i64, Vec<u8>)> = tx.fetch_optional(
            "select fingerprint, status, answer_sealed from idempotency
             where organization_id = $1 and customer_id = $2 and key = $3 and created_at > $4",
            (caller.organization_id, caller.customer_id, &self.text, now - KEPT),
        )?;
        let Some((fingerprint, status, sealed)) = kept else { return Ok(None) };
        if fingerprint != self.fingerprint {
            return Err(Problem::because(
                Code::IdempotencyConflict,
                "This `Idempotency-Key` was used for another request. Use a fresh key for each new request.",
            ));
        }
        let body = app.keys.open(&self.context(caller), &sealed).map(Bytes::from);
        let status = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        match (status, body) {
            (Some(status), Some(body)) => Ok(Some(Reply { status, body, replayed: true, position: None })),
            _ => Err(Problem::because(Code::Internal, "The kept answer cannot be read any more.")),
        }
    }

    /// Keeps the answer. A customer who has just left keeps nothing.
    pub(super) fn keep(
        &self,
        tx: &Tx<'_>,
        app: &App,
        caller: &Caller,
        reply: &Reply,
        now: Timestamp,
    ) -> Result<(), db::Error> {
        let sealed = app.keys.seal(&*app.entropy, &self.context(caller), &reply.body);
        tx.send(
            "insert into idempotency (organization_id, customer_id, key, fingerprint, status, answer_sealed, created_at)
             select organization_id, customer_id, $3, $4, $5, $6, $7 from customer
             where organization_id = $1 and customer_id = $2
             on conflict (organization_id, customer_id, key) do update
             set fingerprint = excluded.fingerprint, status = excluded.status,
                 answer_sealed = excluded.answer_sealed, created_at = excluded.created_at",
            (
                caller.organization_id,
                caller.customer_id,
                &self.text,
                self.fingerprint,
                i64::from(reply.status.as_u16()),
                sealed,
                now,
            ),
        )?;
        Ok(())
    }

    /// Replaces the kept answer.
    pub(super) fn amend(
        &self,
        tx: &Tx<'_>,
        app: &App,
        caller: &Caller,
        reply: &Reply,
    ) -> Result<(), db::Error> {
        let sealed = app.keys.seal(&*app.entropy, &self.context(caller), &reply.body);
        tx.execute(
            "update idempotency set status = $4, answer_sealed = $5
             where organization_id = $1 and customer_id = $2 and key = $3",
            (
                caller.organization_id,
                caller.customer_id,
                &self.text,
                i64::from(reply.status.as_u16()),
                sealed,
            ),
        )?;
        Ok(())
    }

    fn context(&self, caller: &Caller) -> String {
        format!("idempotency {} {}", caller.customer_id, self.text)
    }
}

/// The keys of commands that run in this process.
#[derive(Debug, Clone, Default)]
pub struct RunningKeys(Arc<Mutex<HashSet<(CustomerId, String)>>>);

/// A key in use until this is dropped.
#[derive(Debug)]
pub struct Running {
    keys: RunningKeys,
    entry: (CustomerId, String),
}

impl RunningKeys {
    /// Marks a key as in use.
    ///
    /// # Errors
    /// 409 `idempotency_conflict` with `Retry-After: 1` while another request with it runs.
    pub(super) fn enter(&self, customer_id: CustomerId, key: &Key) -> Result<Running, Problem> {
        let entry = (customer_id, key.text.clone());
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(entry.clone()) {
            Ok(Running { keys: self.clone(), entry })
        } else {
            Err(still_running())
        }
    }
}

fn still_running() -> Problem {
    Problem::because(
        Code::IdempotencyConflict,
        "The first request with this `Idempotency-Key` is still running. Try again in a second.",
    )
    .retry_after(Duration::from_secs(1))
}

impl Drop for Running {
    fn drop(&mut self) {
        self.keys.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.entry);
    }
}
