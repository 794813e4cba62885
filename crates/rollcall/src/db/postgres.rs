//! The engine beside the program: connections that are worked by a thread each, commands that are run again where they lost.

pub(super) mod fault;
mod lane;
pub(super) mod migrate;
pub(super) mod session;
pub(super) mod standbys;
pub(super) mod target;
mod tls;
pub(super) mod together;
pub(super) mod values;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::Notify;

use self::fault::Fault;
use self::lane::{Answer, Lane};
use self::session::{Kind, Session, Uncommitted};
use self::standbys::Standbys;
use self::target::Target;
use self::together::Together;
use super::reader::{Reader, Snapshot};
use super::{Committed, Error, OpenError, Position, Settings, Tx, unpanicked};
use crate::entropy::Entropy;

/// How often a command is run that lost, against others or its connection, and the pause before it is run again; it doubles.
const TRIES: u32 = 8;
const PAUSE: Duration = Duration::from_millis(2);

/// The engine of one database.
pub(super) struct Postgres {
    reads: Lane,
    writes: Lane,
    pub(super) standbys: Standbys,
    pub(super) together: Together,
    /// Whether its tables may be distributed: then a commit is not seen everywhere at once.
    pub(super) distributed: bool,
    work: Arc<Work>,
}

/// What every command needs.
struct Work {
    entropy: Arc<dyn Entropy>,
    nudge: Arc<Notify>,
    commits: AtomicU64,
    /// Whether to say where a commit stands: only where standbys serve queries.
    positions: bool,
}

impl Postgres {
    pub(super) fn open(
        target: &Target,
        settings: &Settings,
        nudge: Arc<Notify>,
        now: Timestamp,
    ) -> Result<Self, OpenError> {
        let session = migrate::connect(target)?;
        migrate::migrate(&session, target, now)?;
        let positions = !settings.standbys.is_empty();
        // Asked only where it is needed: some services that speak PostgreSQL's language have no such log.
        let system = if positions { session.timeline()?.0 } else { 0 };
        let distributed =
            !session.query("select 1 from pg_extension where extname = 'citus'", &[])?.is_empty();
        let writes = target.pool_size / 2;
        // One is everybody's together.
        let reads = (target.pool_size - writes - 1).max(1);
        let entropy = Arc::clone(&settings.entropy);
        Ok(Self {
            // Apart, so that commands that wait for each other's locks keep no query waiting.
            reads: Lane::new("postgres-reads", target.clone(), reads),
            writes: Lane::new("postgres-writes", target.clone(), writes),
            standbys: Standbys::new(&settings.standbys, system),
            together: Together::new(target, positions)?,
            distributed,
            work: Arc::new(Work { entropy, nudge, commits: AtomicU64::new(0), positions }),
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
    ) -> Result<(T, Option<Position>), E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let shared = Arc::clone(&self.work);
        let work = move |session: &Session, until: Instant, answer: Answer<(T, Option<Position>), E>| {
            let done = persist(session, until, Kind::Write, || {
                let tx = || Tx::new(Reader(Snapshot::Postgres(session)), &*shared.entropy);
                let committed = command(tx())?;
                then(&tx(), &committed.value)?;
                shared.commit(session, committed)
            });
            answer.send(done);
        };
        self.writes.run(work).await
    }

    /// How many commits there were since the start.
    pub(super) fn commits(&self) -> u64 {
        self.work.commits.load(Ordering::Relaxed)
    }

    pub(super) fn close(&self) {
        self.together.stop();
        self.writes.stop();
        self.standbys.stop();
        self.reads.stop();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.close();
    }
}

impl Work {
    fn commit<T, E: From<Error>>(
        &self,
        session: &Session,
        committed: Committed<T>,
    ) -> Result<(T, Option<Position>), E> {
        let done =
            if self.positions { session.commit_at().map(Some) } else { session.commit().map(|()| None) };
        let position = match done {
            Ok(position) => position,
            Err(Uncommitted::Void(error)) => return Err(error.into()),
            Err(Uncommitted::Unknown) => {
                // It may have been kept or not, and running it again could do it twice. The caller learns that it is to be asked
                // again; an idempotency key makes that safe.
                tracing::warn!("the database went away during a commit");
                return Err(Error::Unavailable.into());
            }
        };
        self.commits.fetch_add(1, Ordering::Relaxed);
        if committed.wakes_worker {
            self.nudge.notify_one();
        }
        Ok((committed.value, position))
    }
}

/// Runs something in a transaction until it has an outcome of its own: success, or a refusal that is not the storage's mood.
///
/// The snapshot of a query is left open; a command commits last, and where nobody knows whether it has, the session is without a fault and it is not
/// run again. Else nothing was acknowledged, so running it as a whole again is safe.
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
