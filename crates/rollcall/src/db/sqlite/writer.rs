//! The writer thread: group commit. Each command in its own savepoint, one sync for all that wait, answers after it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::execute;
use super::health::Health;
use super::open::PATIENCE;
use crate::db::{Error, Grouping, OpenError};

/// A command; it runs in the open transaction and says how to answer once that is committed, or has failed.
pub(super) type Command = Box<dyn FnOnce(&Connection) -> Finish + Send>;
/// Answers the command's caller.
pub(super) type Finish = Box<dyn FnOnce(Result<(), Error>) + Send>;

/// How many commands may wait; beyond, callers are turned away.
const QUEUE: usize = 4_096;
/// The most commands in one commit, so that the first of them does not wait too long.
const BATCH: usize = 256;
/// After how many commits the size of the write-ahead log is looked at, and the size in bytes that is too much.
const LOOK_EVERY: u64 = 256;
const LOG_TOO_LARGE: u64 = 64 * 1024 * 1024;
/// How long commands wait for readers of the log that somebody wants empty; a backup reads for longer.
const SHORTLY: Duration = Duration::from_millis(100);

/// The thread.
pub(super) struct Writer {
    queue: Mutex<Option<SyncSender<Command>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    seen: Arc<Seen>,
}

/// What there is to know of the commits so far, and who wants the log emptied behind the next one.
#[derive(Default)]
struct Seen {
    commits: AtomicU64,
    health: Health,
    empty: Mutex<Vec<oneshot::Sender<()>>>,
}

impl Writer {
    pub(super) fn start(connection: Connection, grouping: Grouping, path: &Path) -> Result<Self, OpenError> {
        let (sender, receiver) = sync_channel(QUEUE);
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        let batch = match grouping {
            Grouping::Shared => BATCH,
            Grouping::Single => 1,
        };
        let seen = Arc::<Seen>::default();
        let shared = Arc::clone(&seen);
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || serve(&connection, &receiver, batch, &PathBuf::from(log), &shared))
            .map_err(|error| OpenError::Engine(error.to_string()))?;
        Ok(Self { queue: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)), seen })
    }

    pub(super) fn commits(&self) -> u64 {
        self.seen.commits.load(Ordering::Relaxed)
    }

    pub(super) fn health(&self) -> &Health {
        &self.seen.health
    }

    pub(super) fn run(&self, command: Command) -> Result<(), Error> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        match queue.as_ref().map(|queue| queue.try_send(command)) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_) | TrySendError::Disconnected(_))) | None => {
                Err(Error::Unavailable)
            }
        }
    }

    /// Empties the write-ahead log, unless somebody reads in it for long, and then says so.
    pub(super) fn empty_log(&self, done: oneshot::Sender<()>) -> Result<(), Error> {
        self.seen.empty.lock().unwrap_or_else(PoisonError::into_inner).push(done);
        self.run(Box::new(|_| Box::new(|_| ())))
    }

    /// Lets what waits be carried out, then ends the thread and with it the connection.
    pub(super) fn stop(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // The thread itself may be the last to know the storage, by a command that it has just carried out.
        let thread = thread.filter(|thread| thread.thread().id() != std::thread::current().id());
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the writer thread had panicked");
        }
    }
}

fn serve(connection: &Connection, queue: &Receiver<Command>, most: usize, log: &Path, seen: &Seen) {
    // Nobody waits for company: the leader takes who is there already, and commits at once when that is nobody.
    while let Ok(leader) = queue.recv() {
        let commands = std::iter::once(leader).chain(queue.try_iter()).take(most);
        let committed = batch(connection, commands, seen);
        if committed.is_some_and(|count| count.is_multiple_of(LOOK_EVERY))
            && std::fs::metadata(log).is_ok_and(|log| log.len() > LOG_TOO_LARGE)
        {
            checkpoint(connection, PATIENCE);
        }
        let asked = std::mem::take(&mut *seen.empty.lock().unwrap_or_else(PoisonError::into_inner));
        if !asked.is_empty() {
            checkpoint(connection, SHORTLY);
            for done in asked {
                // Whoever asked may have gone away.
                let _ = done.send(());
            }
        }
    }
    checkpoint(connection, PATIENCE);
}

/// Carries commands out and answers them; says how many commits there were by then, if theirs came about.
fn batch(connection: &Connection, commands: impl Iterator<Item = Command>, seen: &Seen) -> Option<u64> {
    let mut finishes: Vec<Finish> = Vec::new();
    let mut begun = begin(connection);
    for command in commands {
        if begun.is_err() {
            // Dropping a command answers its caller that the storage is not available.
            continue;
        }
        let finish = command(connection);
        if connection.is_autocommit() {
            // A full disk or a failing one made the engine take everything back: nobody of this batch succeeded.
            seen.health.saw(&Err(Error::Unavailable));
            finishes.drain(..).for_each(|finish| finish(Err(Error::Unavailable)));
            finish(Err(Error::Unavailable));
            begun = begin(connection);
        } else {
            finishes.push(finish);
        }
    }
    let committed = begun.and_then(|()| commit(connection));
    seen.health.saw(&committed);
    // Counted before anybody is answered: who was answered finds their own commit in the count.
    let count = committed.is_ok().then(|| seen.commits.fetch_add(1, Ordering::Relaxed) + 1);
    for finish in finishes {
        finish(committed.clone());
    }
    count
}

fn begin(connection: &Connection) -> Result<(), Error> {
    if !connection.is_autocommit() {
        // The end of the transaction before failed, and so did taking it back.
        execute(connection, "rollback")?;
    }
    execute(connection, "begin immediate")
}

/// One sync for the whole batch; where it fails, everything is taken back.
fn commit(connection: &Connection) -> Result<(), Error> {
    let committed = execute(connection, "commit");
    if let Err(error) = &committed {
        tracing::debug!(%error, "a commit failed");
        if !connection.is_autocommit() {
            execute(connection, "rollback")?;
        }
    }
    committed
}

/// Empties the log, where its readers are through with it within the patience.
fn checkpoint(connection: &Connection, patience: Duration) {
    let emptied = connection
        .busy_timeout(patience)
        .and_then(|()| connection.query_row("pragma wal_checkpoint(truncate)", (), |_| Ok(())));
    // Also where that failed.
    let emptied = connection.busy_timeout(PATIENCE).and(emptied);
    if let Err(error) = emptied {
        tracing::warn!(%error, "the write-ahead log could not be emptied");
    }
}
