//! Answers that are ready: the whole answer to a read, kept by token and path for as long as nothing has changed that it shows.
//!
//! Exact, never merely fresh: see `docs/decisions/0012-ready-answers.md`, and `0016-ready-answers-of-several-processes.md` for a storage to
//! which other processes write too.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use axum::extract::MatchedPath;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};

use super::caller::Caller;
use crate::db::{Keeping, Mark, Position, Scope, Versions};

/// What all answers together may take, in bytes, and how many there are then at a guess.
const BOUND: u64 = 24 * 1024 * 1024;
const ANSWERS: usize = 8 * 1024;
/// What an answer takes beside its path and body.
const OVERHEAD: u64 = 1_024;
/// The most bytes of one answer that is kept.
const LONGEST: usize = 256 * 1024;
/// How many tokens are kept with their callers.
const CALLERS: usize = 16 * 1024;

/// The digest of an access token.
pub type TokenDigest = [u8; 32];

/// The answers of a process, and whose its tokens are.
#[derive(Clone)]
pub struct Ready(Option<Arc<Shelves>>);

struct Shelves {
    /// None where the database says for each request where it stands.
    versions: Option<Arc<Versions>>,
    answers: Cache<Key, Arc<Answer>, Weight>,
    callers: Cache<TokenDigest, (Known, u64)>,
}

/// A caller whose token was looked up.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Who.
    pub caller: Caller,
    /// When the token ends.
    pub expires_at: Timestamp,
    /// What the caller's answers depend on.
    pub scope: Scope,
    /// What answers that are made from now on know of; none where this process counts by itself.
    pub mark: Option<Mark>,
}

/// Left in a request whose token was looked up before it came to its route.
#[derive(Debug, Clone, Copy)]
pub struct LookedUp {
    /// Whose it is.
    pub known: Known,
    /// Where the log of the database stood.
    pub position: Option<Position>,
}

/// Left in a response by the query that made it: it may be kept.
#[derive(Clone)]
pub(super) struct Keepable {
    /// The token that the caller was known by.
    pub(super) token: Proof,
    /// The body.
    pub(super) body: Bytes,
}

/// Left in a request by the layer that authenticated it: the token that did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// The token's digest.
    pub digest: TokenDigest,
    /// When it ends.
    pub expires_at: Timestamp,
    /// What answers to its caller depend on.
    pub scope: Scope,
    /// Up to where they know of changes.
    pub mark: Option<Mark>,
}

/// Up to where an answer knows of every commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noted {
    /// By this process's count of them: [`Ready::note`] before anything was looked up.
    Counted(u64),
    /// By the database, when the token was looked up.
    Marked(Mark),
}

/// A whole answer.
pub(super) struct Answer {
    pub(super) headers: HeaderMap,
    pub(super) tag: HeaderValue,
    pub(super) body: Bytes,
    /// The template of the route that answered, for log and metrics.
    pub(super) route: MatchedPath,
    pub(super) scope: Scope,
    pub(super) expires_at: Timestamp,
    pub(super) noted: Noted,
}

#[derive(PartialEq, Eq, Hash)]
struct Key {
    digest: TokenDigest,
    path: Box<str>,
}

/// A [`Key`] by reference: the path as it was asked for, prefix and query included.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) digest: &'a TokenDigest,
    pub(super) path: &'a str,
}

impl Hash for Asked<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
        self.path.hash(state);
    }
}

impl Equivalent<Key> for Asked<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        *self.digest == key.digest && *self.path == *key.path
    }
}

#[derive(Clone)]
struct Weight;

impl Weighter<Key, Arc<Answer>> for Weight {
    fn weight(&self, key: &Key, answer: &Arc<Answer>) -> u64 {
        OVERHEAD + (key.path.len() + answer.body.len()) as u64
    }
}

impl Ready {
    /// Keeps answers if it can be known for how long they hold.
    #[must_use]
    pub fn new(keeping: Keeping) -> Self {
        let versions = match keeping {
            Keeping::Counted(versions) => Some(versions),
            Keeping::Marked => None,
            Keeping::Unknown => return Self(None),
        };
        let answers = Cache::with_weighter(ANSWERS, BOUND, Weight);
        Self(Some(Arc::new(Shelves { versions, answers, callers: Cache::new(CALLERS) })))
    }

    /// The number to note before anything is looked up; none where this process does not count.
    pub(super) fn note(&self) -> Option<u64> {
        self.0.as_ref()?.versions.as_ref().map(|versions| versions.now())
    }

    /// The answer, where the database is to be asked whether it still holds.
    pub(super) fn answer_to_confirm(&self, asked: Asked<'_>) -> Option<Arc<Answer>> {
        let shelves = self.0.as_ref().filter(|shelves| shelves.versions.is_none())?;
        shelves.answers.get(&asked)
    }

    /// The answer, if it still is what the storage would say.
    pub(super) fn answer(&self, asked: Asked<'_>, now: Timestamp) -> Option<Arc<Answer>> {
        let shelves = self.0.as_ref()?;
        let versions = shelves.versions.as_ref()?;
        let answer = shelves.answers.get(&asked)?;
        let Noted::Counted(noted) = answer.noted else { return None };
        (answer.expires_at > now && versions.holds(noted, answer.scope)).then_some(answer)
    }

    pub(super) fn keep(&self, asked: Asked<'_>, answer: Answer) {
        let Some(shelves) = self.0.as_ref().filter(|_| answer.body.len() <= LONGEST) else { return };
        shelves.answers.insert(Key { digest: *asked.digest, path: asked.path.into() }, Arc::new(answer));
    }

    /// The caller of a token, if it is known and nothing has changed in their organization since it was looked up, nor who is
    /// a guest where: that reaches everybody.
    pub fn caller(&self, digest: &TokenDigest) -> Option<Known> {
        let shelves = self.0.as_ref()?;
        let (known, noted) = shelves.callers.get(digest)?;
        let home = Scope::Organization(known.caller.organization_id);
        shelves.versions.as_ref()?.holds(noted, home).then_some(known)
    }

    /// Looks a caller up and keeps what was found.
    ///
    /// # Errors
    /// The look-up's.
    pub async fn look_up<E>(
        &self,
        digest: &TokenDigest,
        look_up: impl Future<Output = Result<Known, E>>,
    ) -> Result<Known, E> {
        let noted = self.note();
        let known = look_up.await?;
        if let (Some(shelves), Some(noted)) = (&self.0, noted) {
            shelves.callers.insert(*digest, (known, noted));
        }
        Ok(known)
    }
}
