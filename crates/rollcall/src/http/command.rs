//! A command: who asks, with which body and under which idempotency key; runs in one transaction.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use axum::extract::{FromRequest, Request};
use http::Uri;
use jiff::Timestamp;

use super::body::{Body, Received};
use super::caller::{self, Caller};
use super::idempotency::{Key, Running};
use super::params::Params;
use super::reply::Reply;
use crate::app::App;
use crate::db::{self, Committed, Position, Tx};
use crate::domain::event::{By, Event};
use crate::problem::{Code, Problem};

/// What a committed command tells its caller: success, or a refusal that had to be remembered (a wrong code).
pub type Answer = Result<Reply, Problem>;

/// Why a command ends without a change.
#[derive(Debug)]
pub enum Halt {
    /// It is refused.
    Refused(Problem),
    /// It was carried out before, under the same idempotency key.
    Replayed(Reply),
}

impl<E: Into<Problem>> From<E> for Halt {
    fn from(why: E) -> Self {
        Self::Refused(why.into())
    }
}

/// A command by a customer, with a body of type `T` (`()` where there is none).
pub struct Command<T> {
    parts: Arc<Parts<T>>,
    /// Not one of the parts: a thread of the storage may drop those only after the client has its answer, and asks again.
    running: OnceLock<Running>,
}

/// The parts of a command.
pub struct Parts<T> {
    /// What it may use.
    pub app: App,
    /// Who asks.
    pub caller: Caller,
    /// The same, for the audit log.
    pub by: By,
    /// The time of the request.
    pub now: Timestamp,
    uri: Uri,
    body: Received<T>,
    key: Result<Option<Key>, Problem>,
    /// Where its change stands.
    position: OnceLock<Position>,
}

impl<T> Deref for Command<T> {
    type Target = Parts<T>;

    fn deref(&self) -> &Parts<T> {
        &self.parts
    }
}

impl<T: Body> FromRequest<App> for Command<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let caller = Caller::required(request.extensions())?;
        let by = caller::by(request.extensions());
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let keys = request.headers().get_all(super::idempotency::IDEMPOTENCY_KEY).iter().cloned();
        let keys: Vec<_> = keys.collect();
        let body = Received::from_request(request, app).await;
        let key = Key::of(&keys, &method, &uri, &body.bytes).transpose();
        let (app, now) = (app.clone(), app.now());
        let parts = Parts { app, caller, by, now, uri, body, key, position: OnceLock::new() };
        Ok(Self { parts: Arc::new(parts), running: OnceLock::new() })
    }
}

impl<T: Body> Parts<T> {
    /// The body, or why it is refused. For what must be known before the transaction; rights are not checked by this.
    pub fn body(&self) -> Result<&T, Problem> {
        self.body.parsed()
    }

    /// The parameters of the query string; look at them once the caller's rights are known to suffice.
    #[must_use]
    pub fn params(&self) -> Params {
        let query = self.uri.query().unwrap_or_default();
        Params::new(&self.app.keys, self.caller.customer_id, self.uri.path(), query)
    }

    /// Opens the body once the caller's rights are known to suffice, unless the idempotency key was served before.
    pub fn admit(&self, tx: &Tx<'_>) -> Result<&T, Halt> {
        if let Some(key) = self.key.as_ref().map_err(Clone::clone)?
            && let Some(reply) = key.served(tx, &self.app, &self.caller, self.now)?
        {
            return Err(Halt::Replayed(reply));
        }
        Ok(self.body()?)
    }

    /// Ends a command whose thing is gone: if this very request took it away, its idempotency key has the answer. Only for
    /// what is gone for everybody, or was the caller's own; whoever has lost a right gets no answer out of a key.
    pub fn replay_or(&self, tx: &Tx<'_>, refusal: Problem) -> Halt {
        let Ok(Some(key)) = &self.key else { return refusal.into() };
        match key.served(tx, &self.app, &self.caller, self.now) {
            Ok(Some(reply)) => Halt::Replayed(reply),
            Err(problem) if problem.code != Code::IdempotencyConflict => problem.into(),
            _ => refusal.into(),
        }
    }

    /// Ends the command with its event and its answer.
    pub fn commit(&self, tx: Tx<'_>, event: Event, reply: Reply) -> Result<Committed<Answer>, Halt> {
        Ok(tx.commit(&self.by, self.now, event, Ok(reply))?)
    }

    /// The same for a command that did several things.
    pub fn commit_all(&self, tx: Tx<'_>, events: &[Event], reply: Reply) -> Result<Committed<Answer>, Halt> {
        Ok(tx.commit_all(&self.by, self.now, events, Ok(reply))?)
    }

    /// Ends the command with a refusal that must be remembered.
    pub fn refuse(&self, tx: Tx<'_>, event: Event, problem: Problem) -> Result<Committed<Answer>, Halt> {
        Ok(tx.commit(&self.by, self.now, event, Err(problem))?)
    }
}

impl<T: Body> Command<T> {
    /// Runs the command in one transaction. An engine may run it again, so it holds no state of its own.
    pub async fn run(
        &self,
        run: impl Fn(Tx<'_>, &Parts<T>) -> Result<Committed<Answer>, Halt> + Send + 'static,
    ) -> Result<Reply, Problem> {
        if let Ok(Some(key)) = &self.key {
            // Held until the command is dropped, so that the same key meanwhile gets a 409 instead of a second run.
            let running = self.app.running.enter(self.caller.customer_id, key)?;
            // Only a command that runs twice would find it set; the first guard then goes on holding.
            let _ = self.running.set(running);
        }
        let (parts, keeper) = (Arc::clone(&self.parts), Arc::clone(&self.parts));
        let run = move |tx: Tx<'_>| {
            if let Ok(Some(key)) = &parts.key {
                key.claim(&tx, &parts.caller)?;
            }
            run(tx, &parts)
        };
        let answer: Result<(Answer, Option<Position>), Halt> = self
            .app
            .db
            .write_then(run, move |tx, answer: &Answer| match (answer, &keeper.key) {
                (Ok(reply), Ok(Some(key))) => {
                    key.keep(tx, &keeper.app, &keeper.caller, reply, keeper.now).map_err(Halt::from)
                }
                _ => Ok(()),
            })
            .await;
        match answer {
            Ok((answer, position)) => answer.map(|reply| {
                if let Some(position) = position {
                    // Set once: a command runs once.
                    let _ = self.parts.position.set(position);
                }
                Reply { position, ..reply }
            }),
            Err(Halt::Refused(problem)) => Err(problem),
            // Behind the change, wherever it stands: it is there already.
            Err(Halt::Replayed(reply)) => Ok(Reply { position: self.app.db.position().await?, ..reply }),
        }
    }

    /// Replaces the kept answer by what became known after the commit (the outcome of a test message).
    pub async fn amend(&self, reply: Reply) -> Result<Reply, Problem> {
        if let Ok(Some(_)) = &self.key {
            let (parts, amended) = (Arc::clone(&self.parts), reply.clone());
            self.app
                .db
                .write(move |tx| {
                    if let Ok(Some(key)) = &parts.key {
                        key.amend(&tx, &parts.app, &parts.caller, &amended)?;
                    }
                    tx.commit(&parts.by, parts.now, Event::upkeep(), ())
                })
                .await
                .map_err(|error: db::Error| Problem::from(error))?;
        }
        Ok(Reply { position: self.parts.position.get().copied(), ..reply })
    }
}
