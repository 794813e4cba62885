//! Storage: one SQL text for the engines, `read()` that cannot write, `write()` that names what it did.

pub mod audit_chain;
mod audit_entry;
pub mod audit_export;
pub mod backup;
mod column;
pub mod copy;
mod error;
pub mod inspect;
mod mark;
mod migrations;
pub(crate) mod patience;
mod place;
mod position;
mod postgres;
mod reader;
mod row;
mod settings;
mod sql;
mod sqlite;
mod tx;
mod value;
mod versions;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;
use tokio::sync::Notify;

pub use column::Column;
pub use error::{Error, OpenError};
pub use mark::Mark;
pub use place::Place;
pub use position::Position;
use postgres::session::Kind;
pub use postgres::target::Target;
pub use reader::Reader;
pub use row::{FromRow, FromValue};
pub use settings::{Grouping, Settings, Synchronous};
pub use sql::Sql;
pub use tx::{Committed, Tx};
pub use value::{Args, ToValue, Value};
pub use versions::{Scope, Versions};

/// The storage.
#[derive(Clone)]
pub struct Db {
    engine: Arc<Engine>,
    nudge: Arc<Notify>,
    running: Arc<AtomicUsize>,
}

/// A query or command that waits or runs, for as long as this lives.
struct Running<'a>(&'a AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How it is known that an answer which was made earlier still holds.
pub enum Keeping {
    /// This process alone makes commits, and counts them.
    Counted(Arc<Versions>),
    /// Others make commits too; the database says for each request where it stands by a [`Mark`].
    Marked,
    /// It is not.
    Unknown,
}

/// How often standbys were asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StandbyReads {
    /// A standby answered.
    pub served: u64,
    /// The primary answered, since no standby had got far enough.
    pub behind: u64,
    /// The primary answered, since no standby could be reached or broke off.
    pub away: u64,
}

/// What keeps the data.
enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Db {
    /// Opens the storage and brings its schema up to date.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(settings: Settings, now: Timestamp) -> Result<Self, OpenError> {
        let nudge = Arc::new(Notify::new());
        let for_engine = Arc::clone(&nudge);
        let opened = tokio::task::spawn_blocking(move || {
            Ok::<_, OpenError>(match &settings.place {
                Place::Sqlite(path) => {
                    Engine::Sqlite(sqlite::Sqlite::open(path, &settings, for_engine, now)?)
                }
                Place::Postgres(target) => {
                    Engine::Postgres(postgres::Postgres::open(target, &settings, for_engine, now)?)
                }
            })
        });
        let engine = opened.await.map_err(|error| OpenError::Engine(error.to_string()))??;
        Ok(Self { engine: Arc::new(engine), nudge, running: Arc::default() })
    }

    /// How many queries and commands wait or run just now.
    #[must_use]
    pub fn running(&self) -> usize {
        self.running.load(Ordering::Relaxed)
    }

    fn enter(&self) -> Running<'_> {
        self.running.fetch_add(1, Ordering::Relaxed);
        Running(&self.running)
    }

    /// Runs a query on one snapshot of the data. An engine may run it again.
    ///
    /// # Errors
    /// What the query refuses, or that the storage cannot answer.
    pub async fn read<T, E>(
        &self,
        query: impl Fn(&Reader<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let _running = self.enter();
        match &*self.engine {
            Engine::Sqlite(engine) => engine.read(query).await,
            Engine::Postgres(engine) => engine.read(Kind::Read, query).await,
        }
    }

    /// The first row of exactly one statement, which needs no transaction around it: a statement is a snapshot.
    ///
    /// # Errors
    /// That the storage cannot answer.
    pub async fn read_one<R>(&self, sql: impl Into<Sql>, args: impl Args) -> Result<Option<R>, Error>
    where
        R: FromRow + Send + 'static,
    {
        let (sql, values) = (sql.into(), args.values());
        let query = move |reader: &Reader<'_>| reader.first(sql, &values);
        let _running = self.enter();
        match &*self.engine {
            Engine::Sqlite(engine) => engine.read(query).await,
            Engine::Postgres(engine) => engine.read(Kind::Single, query).await,
        }
    }

    /// The same, with where the log of the database stood when it was asked: everything that had been acknowledged by then stands
    /// before it. None where no standby serves queries.
    ///
    /// # Errors
    /// That the storage cannot answer.
    pub async fn read_one_at<R>(
        &self,
        sql: impl Into<Sql>,
        args: impl Args,
    ) -> Result<(Option<R>, Option<Position>), Error>
    where
        R: FromRow + Send + 'static,
    {
        match &*self.engine {
            Engine::Postgres(engine) if engine.standbys.any() => {
                let (sql, values) = (sql.into(), args.values());
                let _running = self.enter();
                engine.read(Kind::Single, move |reader: &Reader<'_>| reader.first_at(sql, &values)).await
            }
            _ => Ok((self.read_one(sql, args).await?, None)),
        }
    }

    /// Where the log of the database stands: everything that was acknowledged by now stands before it. None where no standby serves
    /// queries.
    ///
    /// # Errors
    /// That the storage cannot answer.
    pub async fn position(&self) -> Result<Option<Position>, Error> {
        match &*self.engine {
            Engine::Postgres(engine) if engine.standbys.any() => {
                Ok(self.read_one_at::<(i64,)>("select cast(1 as bigint)", ()).await?.1)
            }
            _ => Ok(None),
        }
    }

    /// The row of a key, asked for together with all others who ask at this moment: one statement for many. It joins
    /// `unnest($1) with ordinality`, the keys and their places, and its first column is the place. None where the engine has no use
    /// for it or cannot answer at once: ask alone then.
    pub async fn read_together<R: FromRow>(
        &self,
        sql: &'static str,
        key: [u8; 32],
    ) -> Option<Result<(Option<R>, Option<Position>), Error>> {
        match &*self.engine {
            Engine::Sqlite(_) => None,
            Engine::Postgres(engine) => {
                let _running = self.enter();
                engine.together.read(sql, key).await
            }
        }
    }

    /// Runs a query on one snapshot that holds everything before a position, on a standby if one has got there.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn read_after<T, E>(
        &self,
        position: Option<Position>,
        query: impl Fn(&Reader<'_>) -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (Engine::Postgres(engine), Some(position)) = (&*self.engine, position) else {
            return self.read(query).await;
        };
        let _running = self.enter();
        let query = Arc::new(query);
        match engine.standbys.read(position, Arc::clone(&query)).await {
            Some(outcome) => outcome,
            None => engine.read(Kind::Read, move |reader: &Reader<'_>| query(reader)).await,
        }
    }

    /// How often standbys answered, or were asked in vain, since the start.
    #[must_use]
    pub fn standby_reads(&self) -> StandbyReads {
        match &*self.engine {
            Engine::Sqlite(_) => StandbyReads::default(),
            Engine::Postgres(engine) => engine.standbys.reads(),
        }
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
        self.write_then(command, |_, _| Ok(())).await.map(|(value, _)| value)
    }

    /// The same, with something to do in the transaction once the command has named its event. Where standbys serve queries it
    /// says behind which position the change stands.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn write_then<T, E>(
        &self,
        command: impl Fn(Tx<'_>) -> Result<Committed<T>, E> + Send + 'static,
        then: impl Fn(&Tx<'_>, &T) -> Result<(), E> + Send + 'static,
    ) -> Result<(T, Option<Position>), E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let _running = self.enter();
        match &*self.engine {
            Engine::Sqlite(engine) => engine.write(command, then).await.map(|value| (value, None)),
            Engine::Postgres(engine) => engine.write(command, then).await,
        }
    }

    /// Is notified after each commit that put a message into the outbox.
    #[must_use]
    pub fn worker_nudge(&self) -> Arc<Notify> {
        Arc::clone(&self.nudge)
    }

    /// Whether no other process can have the storage open: true of an SQLite file, which is locked.
    #[must_use]
    pub fn is_exclusive(&self) -> bool {
        matches!(*self.engine, Engine::Sqlite(_))
    }

    /// How it is known that an answer still holds.
    #[must_use]
    pub fn keeping(&self) -> Keeping {
        match &*self.engine {
            Engine::Sqlite(engine) => Keeping::Counted(engine.versions()),
            Engine::Postgres(engine) if engine.distributed => Keeping::Unknown,
            Engine::Postgres(_) => Keeping::Marked,
        }
    }

    /// How many commits were synced since the start: fewer than commands where some shared one.
    #[must_use]
    pub fn commits(&self) -> u64 {
        match &*self.engine {
            Engine::Sqlite(engine) => engine.commits(),
            Engine::Postgres(engine) => engine.commits(),
        }
    }

    /// Whether queries are answered, and commands as far as it is known: an SQLite file whose last commits failed is tried.
    ///
    /// # Errors
    /// What stands in the way.
    pub async fn check(&self) -> Result<(), Error> {
        match &*self.engine {
            Engine::Sqlite(engine) => engine.check().await,
            Engine::Postgres(_) => self.read_one::<(i64,)>("select 1", ()).await.map(|_| ()),
        }
    }

    /// Leaves nothing in the write-ahead log of an SQLite file that the file does not say any more, unless somebody, such as a backup, reads
    /// in it for long. PostgreSQL looks after its own.
    ///
    /// # Errors
    /// The storage's.
    pub async fn empty_log(&self) -> Result<(), Error> {
        match &*self.engine {
            Engine::Sqlite(engine) => engine.empty_log().await,
            Engine::Postgres(_) => Ok(()),
        }
    }

    /// Finishes what waits and lets go of the file, its write-ahead log emptied, or of all connections.
    ///
    /// # Errors
    /// The storage's.
    pub async fn close(&self) -> Result<(), Error> {
        let engine = Arc::clone(&self.engine);
        let closed = tokio::task::spawn_blocking(move || match &*engine {
            Engine::Sqlite(engine) => engine.close(),
            Engine::Postgres(engine) => engine.close(),
        });
        closed.await.map_err(|_| Error::Unavailable)
    }
}

/// A panic in one command or query must not take the thread along that serves all others.
fn unpanicked<T, E: From<Error>>(run: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(run))
        .unwrap_or_else(|_| Err(Error::Internal("a command ended in a panic".to_owned()).into()))
}
