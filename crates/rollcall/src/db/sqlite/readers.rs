//! Reader threads: whatever queries wait are answered on one snapshot, begun after the last of them had arrived.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::execute;
use crate::db::{Error, OpenError};

/// A query; it gets a snapshot, or the reason why there is none.
pub(super) type Query = Box<dyn FnOnce(Result<&Connection, Error>) + Send>;

/// The most queries on one snapshot, so that it does not hold back the write-ahead log.
const BATCH: usize = 64;

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Query>,
    closed: bool,
}

struct Shared {
    queue: Mutex<Queue>,
    arrived: Condvar,
    threads: usize,
}

/// The threads.
pub(super) struct Readers {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Readers {
    pub(super) fn start(connections: Vec<Connection>) -> Result<Self, OpenError> {
        let shared =
            Arc::new(Shared { queue: Mutex::default(), arrived: Condvar::new(), threads: connections.len() });
        let mut threads = Vec::new();
        for connection in connections {
            let shared = Arc::clone(&shared);
            let thread = std::thread::Builder::new()
                .name("sqlite-reader".to_owned())
                .spawn(move || serve(&shared, &connection))
                .map_err(|error| OpenError::Engine(error.to_string()))?;
            threads.push(thread);
        }
        Ok(Self { shared, threads: Mutex::new(threads) })
    }

    pub(super) fn run(&self, query: Query) {
        let mut queue = self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.closed {
            drop(queue);
            return query(Err(Error::Unavailable));
        }
        queue.waiting.push_back(query);
        drop(queue);
        self.shared.arrived.notify_one();
    }

    pub(super) fn stop(&self) {
        self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.shared.arrived.notify_all();
        for thread in self.threads.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            if thread.join().is_err() {
                tracing::error!("a reader thread had panicked");
            }
        }
    }
}

fn serve(shared: &Shared, connection: &Connection) {
    while let Some(batch) = next(shared) {
        let begun = execute(connection, "begin");
        for query in batch {
            query(begun.clone().map(|()| connection));
        }
        if begun.is_ok()
            && let Err(error) = execute(connection, "commit")
        {
            tracing::warn!(%error, "a snapshot could not be ended");
        }
    }
}

/// A fair share of what waits NOW: a query that arrives after `begin` may follow a write that the snapshot lacks.
fn next(shared: &Shared) -> Option<Vec<Query>> {
    let queue = shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
    let mut queue = shared
        .arrived
        .wait_while(queue, |queue| queue.waiting.is_empty() && !queue.closed)
        .unwrap_or_else(PoisonError::into_inner);
    if queue.waiting.is_empty() {
        return None;
    }
    let share = queue.waiting.len().div_ceil(shared.threads).min(BATCH);
    Some(queue.waiting.drain(..share).collect())
}
