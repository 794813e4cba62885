//! Storage: one SQL text for the engines, `read()` that cannot write, `write()` that names what it did.

pub mod audit_chain;
pub mod backup;
mod error;
pub mod inspect;
mod migrations;
mod reader;
mod row;
mod sqlite;
mod tx;
mod value;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Notify;

pub use error::{Error, OpenError};
pub use reader::Reader;
pub use row::{FromRow, FromValue};
pub use tx::{Committed, Tx};
pub use value::{Args, ToValue, Value};

use crate::entropy::Entropy;

/// How the storage is opened.
#[derive(Clone)]
pub struct Settings {
    /// The SQLite file.
    pub path: PathBuf,
    /// Whether waiting commands share a commit.
    pub grouping: Grouping,
    /// Threads that answer queries.
    pub readers: usize,
    /// What a commit waits for.
    pub synchronous: Synchronous,
    /// Randomness for ids and salts of the audit log.
    pub entropy: Arc<dyn Entropy>,
}

/// Whether waiting commands share a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// All that wait, one sync.
    Shared,
    /// Each its own. For comparison in benchmarks.
    Single,
}

/// What a commit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronous {
    /// The disk has it. The only choice of the program.
    Full,
    /// Nothing. For the crash test alone, to show that it sees the loss.
    Off,
}

impl Settings {
    /// The program's settings for an SQLite file.
    #[must_use]
    pub fn sqlite(path: PathBuf, entropy: Arc<dyn Entropy>) -> Self {
        Self { path, grouping: Grouping::Shared, readers: 2, synchronous: Synchronous::Full, entropy }
    }
}

/// The storage.
#[derive(Clone)]
pub struct Db {
    engine: Arc<sqlite::Sqlite>,
    nudge: Arc<Notify>,
}

impl Db {
    /// Opens the storage and brings its schema up to date.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(settings: Settings, now: Timestamp) -> Result<Self, OpenError> {
        let nudge = Arc::new(Notify::new());
        let for_engine = Arc::clone(&nudge);
        let engine = tokio::task::spawn_blocking(move || sqlite::Sqlite::open(&settings, for_engine, now))
            .await
            .map_err(|error| OpenError::Engine(error.to_string()))??;
        Ok(Self { engine: Arc::new(engine), nudge })
    }

    /// Runs a query on one snapshot of the data.
    ///
    /// # Errors
    /// What the query refuses, or that the storage cannot answer.
    pub async fn read<T, E>(
        &self,
        query: impl FnOnce(&Reader<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.engine.read(query).await
    }

    /// Runs a command in a transaction of its own. An engine may run it again, so it changes nothing but the data.
    ///
    /// # Errors
    /// What the command refuses, or that the storage cannot keep it; then nothing was changed.
    pub async fn write<T, E>(
        &self,
        command: impl Fn(Tx<'_>) -> Result<Committed<T>, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.write_then(command, |_, _| Ok(())).await
    }

    /// The same, with something to do in the transaction once the command has named its event.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn write_then<T, E>(
        &self,
        command: impl Fn(Tx<'_>) -> Result<Committed<T>, E> + Send + 'static,
        then: impl Fn(&Tx<'_>, &T) -> Result<(), E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.engine.write(command, then).await
    }

    /// Is notified after each commit that put a message into the outbox.
    #[must_use]
    pub fn worker_nudge(&self) -> Arc<Notify> {
        Arc::clone(&self.nudge)
    }

    /// Whether no other process can have the storage open: true of an SQLite file, which is locked.
    #[must_use]
    pub fn is_exclusive(&self) -> bool {
        true
    }

    /// How many commits were synced since the start: fewer than commands where some shared one.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.engine.commits()
    }

    /// Finishes what waits, empties the write-ahead log and lets go of the file.
    ///
    /// # Errors
    /// The storage's.
    pub async fn close(&self) -> Result<(), Error> {
        let engine = Arc::clone(&self.engine);
        tokio::task::spawn_blocking(move || engine.close()).await.map_err(|_| Error::Unavailable)
    }
}
