//! Connections for one kind of work: a queue, and as many threads as it needs, each with a connection of its own.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::time::timeout_at;

use super::session::Session;
use super::target::Target;
use crate::db::{Error, patience};

/// How long a request waits for connections, free and working, before it is turned away, all that it asks together.
pub(super) const PATIENCE: Duration = Duration::from_millis(2_200);
/// How much longer it may wait for their answers.
const GRACE: Duration = Duration::from_millis(300);
/// After how long without work a connection is given back.
const IDLE: Duration = Duration::from_secs(60);

/// Work for a connection. Whoever takes it first has it: the thread that carries it out, or the caller who gives up.
struct Job {
    taken: Arc<AtomicBool>,
    work: Box<dyn FnOnce(&Session) + Send>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Job>,
    threads: usize,
    idle: usize,
    closed: bool,
}

struct Shared {
    name: &'static str,
    target: Target,
    most: usize,
    queue: Mutex<Queue>,
    arrived: Condvar,
    left: Condvar,
}

/// The connections.
pub(super) struct Lane(Arc<Shared>);

impl Lane {
    /// None is open yet: each is opened when there is work for it.
    pub(super) fn new(name: &'static str, target: Target, most: usize) -> Self {
        let (queue, arrived, left) = (Mutex::default(), Condvar::new(), Condvar::new());
        Self(Arc::new(Shared { name, target, most, queue, arrived, left }))
    }

    /// Carries work out on a connection of its own, and answers with what came of it.
    ///
    /// The work is told until when a connection may be waited for.
    pub(super) async fn run<T, E>(
        &self,
        work: impl FnOnce(&Session, Instant, Answer<T, E>) + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let now = Instant::now();
        let (until, answer_until) = (now + patience::left(PATIENCE), now + patience::left(PATIENCE + GRACE));
        let (answer, mut answered) = oneshot::channel();
        let taken = Arc::new(AtomicBool::new(false));
        let work = Box::new(move |session: &Session| {
            session.answer_until(answer_until);
            work(session, until, Answer(answer));
        });
        self.push(Job { taken: Arc::clone(&taken), work })?;
        let answer = patience::wait(async {
            match timeout_at(until.into(), &mut answered).await {
                Err(_) if !taken.swap(true, Ordering::AcqRel) => Ok(Err(Error::Unavailable.into())),
                Err(_) => answered.await,
                Ok(answer) => answer,
            }
        });
        answer.await.unwrap_or_else(|_| Err(Error::Unavailable.into()))
    }

    fn push(&self, job: Job) -> Result<(), Error> {
        let mut queue = self.0.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.closed {
            return Err(Error::Unavailable);
        }
        queue.waiting.push_back(job);
        if queue.idle < queue.waiting.len() && queue.threads < self.0.most {
            let shared = Arc::clone(&self.0);
            let started = std::thread::Builder::new().name(self.0.name.to_owned()).spawn(move || {
                let present = Present(shared);
                present.0.serve();
            });
            match started {
                Ok(_) => queue.threads += 1,
                // Those that run already will come to it.
                Err(error) if queue.threads > 0 => {
                    tracing::warn!(%error, "no further thread for the database");
                }
                Err(_) => return Err(Error::Unavailable),
            }
        }
        drop(queue);
        self.0.arrived.notify_one();
        Ok(())
    }

    /// Lets what waits be carried out, then closes every connection.
    pub(super) fn stop(&self) {
        let mut queue = self.0.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.closed = true;
        self.0.arrived.notify_all();
        let ended = self.0.left.wait_while(queue, |queue| queue.threads > 0);
        drop(ended.unwrap_or_else(PoisonError::into_inner));
    }
}

/// Counts a thread out however it ends.
struct Present(Arc<Shared>);

impl Drop for Present {
    fn drop(&mut self) {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner).threads -= 1;
        self.0.left.notify_all();
    }
}

impl Shared {
    fn serve(&self) {
        let session = match Session::new(self.target.clone()) {
            Ok(session) => session,
            Err(error) => return tracing::error!(%error, "no connection can be made"),
        };
        while let Some(job) = self.next() {
            if !job.taken.swap(true, Ordering::AcqRel) {
                (job.work)(&session);
                session.call_off();
            }
        }
    }

    fn next(&self) -> Option<Job> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.idle += 1;
        let nothing = |queue: &mut Queue| queue.waiting.is_empty() && !queue.closed;
        let (mut queue, _) =
            self.arrived.wait_timeout_while(queue, IDLE, nothing).unwrap_or_else(PoisonError::into_inner);
        queue.idle -= 1;
        queue.waiting.pop_front()
    }
}

/// Where the outcome of work goes. Dropped without one, it answers that the storage is not available.
pub(super) struct Answer<T, E>(oneshot::Sender<Result<T, E>>);

impl<T, E> Answer<T, E> {
    pub(super) fn send(self, outcome: Result<T, E>) {
        // The caller may have gone away; what was committed stays.
        let _ = self.0.send(outcome);
    }
}
