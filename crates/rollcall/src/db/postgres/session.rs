//! One connection, worked by the one thread that holds it: the socket, the prepared statements, the open transaction.
//!
//! The connection is driven by the thread that waits for its answer, so that no other thread has to wake up for a statement.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::time::{Duration, Instant};

use futures_util::future::try_join;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::fault::{self, Fault};
use super::target::Target;
use super::tls;
use crate::db::{Error, OpenError, Value};

/// How long to wait before a server that refused a connection is asked again.
const PAUSE: Duration = Duration::from_millis(100);

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
            Self::Write => Some("begin isolation level read committed, read write"),
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
    /// How long a statement may take; unlimited for work that nobody waits for.
    patience: Option<Duration>,
    link: RefCell<Option<Link>>,
    phase: Cell<Phase>,
}

struct Link {
    client: Client,
    /// By their text, which is part of the program: there are only so many.
    statements: RefCell<HashMap<&'static str, Statement>>,
}

impl Session {
    /// Without a connection yet.
    pub(super) fn new(target: Target, patience: Option<Duration>) -> Result<Self, OpenError> {
        let tls = tls::connector(&target.trust).map_err(OpenError::Engine)?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| OpenError::Engine(error.to_string()))?;
        let (link, phase) = (RefCell::new(None), Cell::new(Phase::Due(Kind::Single)));
        Ok(Self { runtime, target, tls, patience, link, phase })
    }

    /// Connects if there is no connection, again and again for as long as it may take.
    pub(super) fn connect(&self, within: Duration) -> Result<(), tokio_postgres::Error> {
        let end = Instant::now() + within;
        while self.link.borrow().as_ref().is_none_or(|link| link.client.is_closed()) {
            self.link.take();
            let connected = self.runtime.block_on(async {
                let (client, connection) = self.target.config.connect(self.tls.clone()).await?;
                // What goes wrong with it is told by the statement that waits for it.
                self.runtime.spawn(async move { drop(connection.await) });
                Ok(client)
            });
            match connected {
                Ok(client) => {
                    self.link.replace(Some(Link { client, statements: RefCell::default() }));
                }
                Err(error) if Instant::now() + PAUSE >= end => return Err(error),
                Err(error) => {
                    tracing::debug!(error = fault::words(&error), "no connection to the database yet");
                    self.runtime.block_on(tokio::time::sleep(PAUSE));
                }
            }
        }
        Ok(())
    }

    /// Lets the next statement begin a transaction.
    pub(in crate::db) fn begin(&self, kind: Kind) {
        self.phase.set(Phase::Due(kind));
    }

    /// What befell the transaction, if anything.
    pub(super) fn fault(&self) -> Option<Fault> {
        if let Phase::Void(fault) = self.phase.get() { Some(fault) } else { None }
    }

    /// Makes what was done last. Where the connection breaks just now, nobody knows whether it was.
    pub(super) fn commit(&self) -> Result<(), Fault> {
        let open = self.phase.get() == Phase::Open;
        let done = if open { self.batch("commit") } else { Ok(()) };
        let fault = self.fault();
        self.leave();
        match (done, fault) {
            (Err(_), fault) => Err(fault.unwrap_or(Fault::Lost)),
            (Ok(()), _) => Ok(()),
        }
    }

    /// Takes back what was done, or ends a snapshot.
    pub(super) fn rollback(&self) {
        if matches!(self.phase.get(), Phase::Open | Phase::Void(Fault::Refused | Fault::Beaten)) {
            self.phase.set(Phase::Due(Kind::Single));
            // A connection that breaks now is replaced before its next use; the server takes back by itself.
            let _ = self.batch("rollback");
        }
        self.leave();
    }

    /// Ready for the next transaction; a connection that is of no use any more goes.
    fn leave(&self) {
        if self.fault() == Some(Fault::Lost) {
            self.link.take();
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

    fn run<T>(&self, ask: impl AsyncFnOnce(&Link) -> Result<T, tokio_postgres::Error>) -> Result<T, Error> {
        let beginning = match self.phase.get() {
            Phase::Void(_) => return Err(Error::Unavailable),
            Phase::Due(kind) => kind.begin(),
            Phase::Open => None,
        };
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
        // Both go out before either is answered, the beginning first.
        let asked = try_join(begun, ask(link));
        let answer = self.runtime.block_on(async {
            match self.patience {
                Some(patience) => tokio::time::timeout(patience, asked).await.ok(),
                None => Some(asked.await),
            }
        });
        let (fault, error) = match answer {
            Some(Ok(((), answer))) => {
                if beginning.is_some() {
                    self.phase.set(Phase::Open);
                }
                return Ok(answer);
            }
            Some(Err(error)) => (Fault::of(&error), fault::error(&error)),
            // What the server makes of it is not waited for: the connection goes, and with it the transaction.
            None => (Fault::Lost, Error::Unavailable),
        };
        self.phase.set(Phase::Void(fault));
        Err(error)
    }
}

impl Link {
    async fn statement(&self, sql: &'static str) -> Result<Statement, tokio_postgres::Error> {
        let known = self.statements.borrow().get(sql).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.client.prepare(sql).await?;
        self.statements.borrow_mut().insert(sql, statement.clone());
        Ok(statement)
    }
}

fn parameters(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}
