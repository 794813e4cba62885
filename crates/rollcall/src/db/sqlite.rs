//! The embedded engine: one writer thread that commits in groups, and reader threads that share snapshots.

mod health;
pub(super) mod lock;
pub(super) mod migrate;
pub(super) mod open;
mod readers;
pub(super) mod values;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use rusqlite::Connection;
use tokio::sync::{Notify, oneshot};

use self::lock::FileLock;
use self::readers::Readers;
use self::writer::{Finish, Writer};
use super::reader::{Reader, Snapshot};
use super::{Committed, Error, OpenError, Settings, Tx, Versions, unpanicked};
use crate::domain::reach::Reach;
use crate::entropy::Entropy;

/// The engine of one file.
pub(super) struct Sqlite {
    writer: Writer,
    readers: Readers,
    entropy: Arc<dyn Entropy>,
    nudge: Arc<Notify>,
    versions: Arc<Versions>,
    // Released last, once no connection is open any more.
    lock: Mutex<Option<FileLock>>,
}

impl Sqlite {
    pub(super) fn open(
        path: &Path,
        settings: &Settings,
        nudge: Arc<Notify>,
        now: Timestamp,
    ) -> Result<Self, OpenError> {
        open::check_version()?;
        open::make_folder(path)?;
        let lock = FileLock::take(path)?;
        let mut connection = open::for_writing(path, settings.synchronous)?;
        migrate::migrate(&mut connection, now)?;
        let readers = (0..settings.readers.max(1)).map(|_| open::for_reading(path));
        let readers = Readers::start(readers.collect::<Result<_, _>>()?)?;
        let writer = Writer::start(connection, settings.grouping, path)?;
        Ok(Self {
            writer,
            readers,
            entropy: Arc::clone(&settings.entropy),
            nudge,
            versions: Arc::default(),
            lock: Mutex::new(Some(lock)),
        })
    }

    pub(super) async fn read<T, E>(
        &self,
        query: impl Fn(&Reader<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.readers.run(Box::new(move |snapshot: Result<&Connection, Error>| {
            let found = match snapshot {
                Ok(connection) => unpanicked(|| query(&Reader(Snapshot::Sqlite(connection)))),
                Err(error) => Err(error.into()),
            };
            // The caller may have gone away.
            let _ = answer.send(found);
        }));
        answered.await.unwrap_or_else(|_| Err(Error::Unavailable.into()))
    }

    pub(super) async fn write<T, E>(
        &self,
        command: impl Fn(Tx<'_>) -> Result<Committed<T>, E> + Send + 'static,
        then: impl Fn(&Tx<'_>, &T) -> Result<(), E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let (entropy, nudge) = (Arc::clone(&self.entropy), Arc::clone(&self.nudge));
        let versions = Arc::clone(&self.versions);
        self.writer.run(Box::new(move |connection: &Connection| -> Finish {
            let rows_before = connection.total_changes();
            let done = in_savepoint(connection, || {
                let tx = || Tx::new(Reader(Snapshot::Sqlite(connection)), &*entropy);
                let committed = command(tx())?;
                then(&tx(), &committed.value)?;
                Ok(committed)
            });
            let changed = connection.total_changes() != rows_before;
            Box::new(move |commit: Result<(), Error>| {
                // Even where the commit failed: an answer that is dropped for nothing is only asked for anew.
                let reach = done.as_ref().map_or(Reach::Nobody, |committed| committed.reach);
                versions.count(if changed { reach } else { Reach::Nobody });
                let done = match (done, commit) {
                    (Ok(_), Err(error)) => Err(error.into()),
                    (Ok(committed), Ok(())) => {
                        if committed.wakes_worker {
                            nudge.notify_one();
                        }
                        Ok(committed.value)
                    }
                    (Err(refusal), _) => Err(refusal),
                };
                // The caller may have gone away; what was committed stays.
                let _ = answer.send(done);
            })
        }))?;
        answered.await.unwrap_or_else(|_| Err(Error::Unavailable.into()))
    }

    /// How far the data has moved on.
    pub(super) fn versions(&self) -> Arc<Versions> {
        Arc::clone(&self.versions)
    }

    /// How many commits were synced since the start.
    pub(super) fn commits(&self) -> u64 {
        self.writer.commits()
    }

    /// Empties the write-ahead log, unless somebody reads in it for long.
    pub(super) async fn empty_log(&self) -> Result<(), Error> {
        let (done, emptied) = oneshot::channel();
        self.writer.empty_log(done)?;
        emptied.await.map_err(|_| Error::Unavailable)
    }

    /// Whether queries are answered, and commands too: where the last ones failed, writing is tried.
    pub(super) async fn check(&self) -> Result<(), Error> {
        self.read(|reader| reader.fetch_one::<(i64,)>("select 1", ())).await?;
        if self.writer.health().works() {
            return Ok(());
        }
        let (answer, answered) = oneshot::channel();
        // Written to the first page of the file, whatever it holds there already.
        self.writer.run(Box::new(|connection: &Connection| -> Finish {
            let written = connection.execute_batch("pragma user_version = 0").map_err(Error::from);
            Box::new(move |commit| {
                // Whoever asked may have gone away.
                let _ = answer.send(written.and(commit));
            })
        }))?;
        answered.await.unwrap_or(Err(Error::Unavailable))?;
        if self.writer.health().works() { Ok(()) } else { Err(Error::Unavailable) }
    }

    pub(super) fn close(&self) {
        self.readers.stop();
        self.writer.stop();
        self.lock.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.close();
    }
}

/// A command that fails takes back what it did, and nothing else.
fn in_savepoint<T, E: From<Error>>(
    connection: &Connection,
    run: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    execute(connection, "savepoint command")?;
    let done = unpanicked(run);
    if connection.is_autocommit() {
        return done;
    }
    let undone = if done.is_err() { execute(connection, "rollback to command") } else { Ok(()) };
    if let Err(error) = undone.and_then(|()| execute(connection, "release command")) {
        // What the command did cannot be told from what others did any more: the writer sees that all of it was taken back.
        execute(connection, "rollback")?;
        return Err(error.into());
    }
    done
}

/// A statement without arguments, prepared once.
fn execute(connection: &Connection, sql: &str) -> Result<(), Error> {
    Ok(connection.prepare_cached(sql)?.raw_execute().map(|_| ())?)
}
