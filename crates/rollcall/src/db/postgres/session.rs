//! One connection, worked by the one thread that holds it: the socket, the prepared statements, the open transaction.
//!
//! The connection is driven by the thread that waits for its answer, so that no other thread has to wake up for a statement.

mod link;
pub(super) mod log;

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use futures_util::future::{try_join_all, try_join3};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{timeout, timeout_at};
use tokio_postgres::types::ToSql;
use tokio_postgres::{CancelToken, Client, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use link::Link;

use super::fault::{self, Fault};
use super::target::Target;
use super::tls;
use crate::db::{Error, OpenError, Value};

/// How many statements may wait for the next.
const UNSENT: usize = 16;
/// How long to wait before a server that refused a connection is asked again.
const PAUSE: Duration = Duration::from_millis(100);
/// How long a server may take to hear that a statement was given up.
const CALL_OFF: Duration = Duration::from_millis(500);

/// How a transaction begins. The text goes out together with its first statement, at no further round trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::db) enum Kind {
    /// One statement, without a transaction around it.
    Single,
    /// One snapshot for all statements.
    Read,
    /// Each statement sees what was committed before it; docs/decisions/0011.
    Write,
}

impl Kind {
    fn begin(self) -> Option<&'static str> {
        match self {
            Self::Single => None,
            Self::Read => Some("begin isolation level repeatable read, read only"),
            // A command that waits for a lock when nobody waits for it any more must not stay in the server. No statement's timeout:
            // it would also cut short a commit that waits for its standby, and call it done.
            Self::Write => {
                Some("begin isolation level read committed, read write; set local lock_timeout = '2200ms'")
            }
        }
    }
}

/// Where the session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The next statement begins a transaction of this kind.
    Due(Kind),
    /// In one.
    Open,
    /// In one that is void.
    Void(Fault),
}

/// A connection, or the means to make one.
pub(in crate::db) struct Session {
    runtime: Runtime,
    target: Target,
    tls: MakeRustlsConnect,
    /// Until when somebody waits for what is done here; nobody does for the work of an operator.
    until: Cell<Option<Instant>>,
    link: RefCell<Option<Link>>,
    phase: Cell<Phase>,
    /// What the server still does though nobody waits for it any more.
    given_up: Cell<Option<CancelToken>>,
    /// Statements whose outcome nobody looks at by itself; they go out before the next that is waited for, at no further round trip.
    unsent: RefCell<Vec<(&'static str, Vec<Value>)>>,
}

/// Why a transaction was not made last.
#[derive(Debug)]
pub(super) enum Uncommitted {
    /// A statement before the commit was refused: nothing was kept, and the phase says why.
    Void(Error),
    /// The connection broke; nobody knows.
    Unknown,
}

impl Session {
    /// Without a connection yet.
    pub(super) fn new(target: Target) -> Result<Self, OpenError> {
        let tls = tls::connector(&target.trust).map_err(OpenError::Engine)?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| OpenError::Engine(error.to_string()))?;
        let (link, phase) = (RefCell::new(None), Cell::new(Phase::Due(Kind::Single)));
        let (given_up, unsent) = (Cell::new(None), RefCell::default());
        Ok(Self { runtime, target, tls, until: Cell::new(None), link, phase, given_up, unsent })
    }

    /// Connects if there is no connection, again and again for as long as it may take.
    pub(super) fn connect(&self, within: Duration) -> Result<(), String> {
        let end = Instant::now() + within;
        let mut why = "it does not answer".to_owned();
        while self.link.borrow().as_ref().is_none_or(|link| link.client.is_closed()) {
            self.hang_up();
            let connecting = Link::open(&self.target.config, self.tls.clone());
            // A server that takes the connection and then says nothing is none.
            match self.runtime.block_on(async { timeout_at(end.into(), connecting).await }) {
                Ok(Ok(link)) => {
                    self.link.replace(Some(link));
                    continue;
                }
                // A wrong password does not become right by itself.
                Ok(Err(error)) if fault::is_for_good(&error) => return Err(fault::words(&error)),
                Ok(Err(error)) => why = fault::words(&error),
                // What was said before, if anything was, says more.
                Err(_) => {}
            }
            if Instant::now() + PAUSE >= end {
                return Err(why);
            }
            tracing::debug!(why, "no connection to the database yet");
            self.runtime.block_on(tokio::time::sleep(PAUSE));
        }
        Ok(())
    }

    /// Closes the connection at once: this thread may have nothing to do for long, and the server would hold its locks meanwhile.
    fn hang_up(&self) {
        if let Some(link) = self.link.take() {
            self.runtime.block_on(link.close());
        }
    }

    /// Answers for no longer than this; a connection that is still busy then is given up.
    pub(super) fn answer_until(&self, until: Instant) {
        self.until.set(Some(until));
    }

    /// Lets the next statement begin a transaction.
    pub(in crate::db) fn begin(&self, kind: Kind) {
        self.unsent.borrow_mut().clear();
        self.phase.set(Phase::Due(kind));
    }

    /// What befell the transaction, if anything.
    pub(super) fn fault(&self) -> Option<Fault> {
        if let Phase::Void(fault) = self.phase.get() { Some(fault) } else { None }
    }

    /// Makes what was done last. Where the connection breaks just now, nobody knows whether it was.
    pub(super) fn commit(&self) -> Result<(), Uncommitted> {
        if self.is_untouched() {
            self.leave();
            return Ok(());
        }
        self.ending(async |link| link.client.batch_execute("commit").await)
    }

    /// Whether nothing was asked or sent since the beginning.
    fn is_untouched(&self) -> bool {
        matches!(self.phase.get(), Phase::Due(_)) && self.unsent.borrow().is_empty()
    }

    /// Sends what ends a transaction.
    fn ending<T>(
        &self,
        end: impl AsyncFnOnce(&Link) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Uncommitted> {
        let asked = Cell::new(false);
        let done = self.run_after(&asked, end);
        // Refused for what stood before: the server takes the end of such a transaction for a rollback.
        let refused = !asked.get() && matches!(self.fault(), Some(Fault::Refused | Fault::Beaten));
        match done {
            Err(error) if refused => Err(Uncommitted::Void(error)),
            done => {
                // One that was given up goes on: where it waits for its standby it has been made, and calling it off would show it to
                // others before it is safe.
                self.given_up.take();
                self.leave();
                done.map_err(|_| Uncommitted::Unknown)
            }
        }
    }

    /// Takes back what was done, or ends a snapshot.
    pub(super) fn rollback(&self) {
        self.unsent.borrow_mut().clear();
        if matches!(self.phase.get(), Phase::Open | Phase::Void(Fault::Refused | Fault::Beaten)) {
            self.phase.set(Phase::Due(Kind::Single));
            // A connection that breaks now is replaced before its next use; the server takes back by itself.
            let _ = self.batch("rollback");
        }
        self.leave();
    }

    /// Has the server end a statement that was given up: one that waits for a lock there does not see that its connection is gone,
    /// and such connections would add up. For when its caller has been answered.
    pub(super) fn call_off(&self) {
        let Some(statement) = self.given_up.take() else { return };
        let told = async { timeout(CALL_OFF, statement.cancel_query(self.tls.clone())).await };
        if !matches!(self.runtime.block_on(told), Ok(Ok(()))) {
            tracing::debug!("the database could not be told that a statement was given up");
        }
    }

    /// Ready for the next transaction; a connection that is of no use any more goes.
    fn leave(&self) {
        self.unsent.borrow_mut().clear();
        if self.fault() == Some(Fault::Lost) {
            self.hang_up();
        }
        self.phase.set(Phase::Due(Kind::Single));
    }

    /// The rows of a statement.
    pub(in crate::db) fn query(&self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, Error> {
        self.run(async |link| {
            let statement = link.statement(sql).await?;
            link.client.query(&statement, &parameters(values)).await
        })
    }

    /// How many rows a statement changed.
    pub(in crate::db) fn execute(&self, sql: &'static str, values: &[Value]) -> Result<u64, Error> {
        self.run(async |link| {
            let statement = link.statement(sql).await?;
            link.client.execute(&statement, &parameters(values)).await
        })
    }

    /// Statements without arguments and answers.
    pub(super) fn batch(&self, sql: &str) -> Result<(), Error> {
        self.run(async |link| link.client.batch_execute(sql).await)
    }

    /// Whatever else a client can do; none where there is no connection.
    pub(in crate::db) fn work<T>(&self, work: impl AsyncFnOnce(&Client) -> T) -> Option<T> {
        let link = self.link.borrow();
        link.as_ref().map(|link| self.runtime.block_on(work(&link.client)))
    }

    /// Lets a statement go out with the next that is waited for, which also tells of its failure.
    pub(in crate::db) fn send(&self, sql: &'static str, values: Vec<Value>) -> Result<(), Error> {
        self.unsent.borrow_mut().push((sql, values));
        let many = self.unsent.borrow().len() >= UNSENT;
        if many { self.run(async |_| Ok(())) } else { Ok(()) }
    }

    fn run<T>(&self, ask: impl AsyncFnOnce(&Link) -> Result<T, tokio_postgres::Error>) -> Result<T, Error> {
        self.run_after(&Cell::new(false), ask)
    }

    /// Begins the transaction if that is due, sends what is unsent, and asks, all of it before anything is answered. `asked` tells whether
    /// all that stood before was answered well, so that a failure is the question's own or the connection's.
    fn run_after<T>(
        &self,
        asked: &Cell<bool>,
        ask: impl AsyncFnOnce(&Link) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Error> {
        let beginning = match self.phase.get() {
            Phase::Void(_) => return Err(Error::Unavailable),
            Phase::Due(kind) => kind.begin(),
            Phase::Open => None,
        };
        let unsent = self.unsent.take();
        let link = self.link.borrow();
        let Some(link) = link.as_ref() else {
            self.phase.set(Phase::Void(Fault::Lost));
            return Err(Error::Unavailable);
        };
        let begun = async {
            match beginning {
                Some(text) => link.client.batch_execute(text).await,
                None => Ok(()),
            }
        };
        let asked = async {
            // Prepared before anything is sent, so that nothing overtakes anything.
            let mut statements = Vec::with_capacity(unsent.len());
            for (sql, _) in &unsent {
                statements.push(link.statement(sql).await?);
            }
            let before = statements.iter().zip(&unsent).map(async |(statement, (_, values))| {
                link.client.execute(statement, &parameters(values)).await
            });
            let before = async {
                try_join_all(before).await?;
                asked.set(true);
                Ok(())
            };
            // Each is sent when it is first polled, in this order.
            try_join3(begun, before, ask(link)).await
        };
        let answer = self.runtime.block_on(async {
            match self.until.get() {
                Some(until) => timeout_at(until.into(), asked).await.ok(),
                None => Some(asked.await),
            }
        });
        let (fault, error) = match answer {
            Some(Ok(((), (), answer))) => {
                if beginning.is_some() {
                    self.phase.set(Phase::Open);
                }
                return Ok(answer);
            }
            Some(Err(error)) => (Fault::of(&error), fault::error(&error)),
            // What the server makes of it is not waited for: the connection goes, and with it the transaction.
            None => {
                self.given_up.set(Some(link.client.cancel_token()));
                (Fault::Lost, Error::Unavailable)
            }
        };
        self.phase.set(Phase::Void(fault));
        Err(error)
    }
}

fn parameters(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}
