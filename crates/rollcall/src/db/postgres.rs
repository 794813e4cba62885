//! The engine beside the program: connections that are worked by a thread each, commands that are run again where they lost.

pub(super) mod fault;
mod lane;
pub(super) mod migrate;
pub(super) mod session;
pub(super) mod target;
mod tls;
pub(super) mod values;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::Notify;

use self::fault::Fault;
use self::lane::{Answer, Lane};
use self::session::{Kind, Session};
use self::target::Target;
use super::reader::{Reader, Snapshot};
use super::{Committed, Error, OpenError, Settings, Tx, unpanicked};
use crate::entropy::Entropy;

/// How often a command is run that lost, against others or its connection, and the pause before it is run again; it doubles.
const TRIES: u32 = 8;
const PAUSE: Duration = Duration::from_millis(2);

/// The engine of one database.
pub(super) struct Postgres {
    reads: Lane,
    writes: Lane,
    work: Arc<Work>,
}

/// What every command needs.
struct Work {
    entropy: Arc<dyn Entropy>,
    nudge: Arc<Notify>,
    commits: AtomicU64,
}

impl Postgres {
    pub(super) fn open(
        target: &Target,
        settings: &Settings,
        nudge: Arc<Notify>,
        now: Timestamp,
    ) -> Result<Self, OpenError> {
        migrate::migrate(&migrate::connect(target)?, target, now)?;
        let writes = target.pool_size / 2;
        let reads = target.pool_size - writes;
        let entropy = Arc::clone(&settings.entropy);
        Ok(Self {
            // Apart, so that commands that wait for each other's locks keep no query waiting.
            reads: Lane::new("postgres-reads", target.clone(), reads),
            writes: Lane::new("postgres-writes", target.clone(), writes),
            work: Arc::new(Work { entropy, nudge, commits: AtomicU64::new(0) }),
        })
    }

    pub(super) async fn read<T, E>(
        &self,
        kind: Kind,
        query: impl Fn(&Reader<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let work = move |session: &Session, until: Instant, answer: Answer<T, E>| {
            let found = persist(session, until, kind, || query(&Reader(Snapshot::Postgres(session))));
            answer.send(found);
            // Nobody has to wait for the end of a snapshot.
            session.rollback();
        };
        self.reads.run(work).await
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
        let shared = Arc::clone(&self.work);
        let work = move |session: &Session, until: Instant, answer: Answer<T, E>| {
            let done = persist(session, until, Kind::Write, || {
                let tx = || Tx::new(Reader(Snapshot::Postgres(session)), &*shared.entropy);
                let committed = command(tx())?;
                then(&tx(), &committed.value)?;
                Ok(committed)
            });
            answer.send(done.and_then(|committed| shared.commit(session, committed)));
        };
        self.writes.run(work).await
    }

    /// How many commits there were since the start.
    pub(super) fn commits(&self) -> u64 {
        self.work.commits.load(Ordering::Relaxed)
    }

    pub(super) fn close(&self) {
        self.writes.stop();
        self.reads.stop();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.close();
    }
}

impl Work {
    fn commit<T, E: From<Error>>(&self, session: &Session, committed: Committed<T>) -> Result<T, E> {
        if session.commit().is_err() {
            // It may have been kept or not, and running it again could do it twice. The caller learns that it is to be asked
            // again; an idempotency key makes that safe.
            tracing::warn!("the database went away during a commit");
            return Err(Error::Unavailable.into());
        }
        self.commits.fetch_add(1, Ordering::Relaxed);
        if committed.wakes_worker {
            self.nudge.notify_one();
        }
        Ok(committed.value)
    }
}

/// Runs something in a transaction until it has an outcome of its own: success, or a refusal that is not the storage's mood.
///
/// The transaction of a success is left open. Nothing was acknowledged before, so running it as a whole again is safe.
fn persist<T, E: From<Error>>(
    session: &Session,
    until: Instant,
    kind: Kind,
    run: impl Fn() -> Result<T, E>,
) -> Result<T, E> {
    let mut pause = PAUSE;
    for attempt in 1.. {
        if let Err(why) = session.connect(until.saturating_duration_since(Instant::now())) {
            tracing::warn!(why, "no connection to the database");
            return Err(Error::Unavailable.into());
        }
        session.begin(kind);
        let outcome = unpanicked(&run);
        let fault = session.fault();
        if outcome.is_ok() && fault.is_none() {
            return outcome;
        }
        session.rollback();
        match fault {
            Some(Fault::Beaten | Fault::Lost) if attempt < TRIES && Instant::now() < until => {
                std::thread::sleep(pause);
                pause *= 2;
            }
            // A statement failed and its failure was passed over: the transaction is void all the same.
            Some(_) if outcome.is_ok() => return Err(Error::Unavailable.into()),
            _ => return outcome,
        }
    }
    Err(Error::Unavailable.into())
}
