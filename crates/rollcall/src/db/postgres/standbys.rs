//! Hot standbys: they answer queries as long as they know of everything that was acknowledged before (docs/decisions/0015).

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::lane::{Answer, Lane};
use super::session::{Kind, Session};
use super::target::Target;
use crate::db::reader::{Reader, Snapshot};
use crate::db::{Error, Position, StandbyReads, unpanicked};

/// How long a standby may take to catch up, and how often it is looked at meanwhile.
const CATCH_UP: Duration = Duration::from_millis(50);
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// How long a query may take there, a new connection included, before the primary is asked instead.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a standby is left alone that was behind, or that did not answer.
const BEHIND: Duration = Duration::from_millis(200);
const AWAY: Duration = Duration::from_secs(2);

/// The standbys of a database.
pub(in crate::db) struct Standbys {
    all: Vec<Standby>,
    /// What tells the primary's log from that of any other system.
    system: i64,
    turn: AtomicUsize,
    served: AtomicU64,
    behind: AtomicU64,
    away: AtomicU64,
}

struct Standby {
    name: String,
    lane: Lane,
    rests_until: Mutex<Option<Instant>>,
}

/// Why a standby did not answer.
#[derive(Debug, Clone, Copy)]
enum Unfit {
    /// It has not replayed what the query must see, or stands on another timeline.
    Behind,
    /// It cannot be reached, or broke the query off (a conflict with what it replays, for instance).
    Away,
}

impl Standbys {
    pub(super) fn new(targets: &[Target], system: i64) -> Self {
        let all = targets.iter().map(|target| Standby {
            name: target.to_string(),
            lane: Lane::new("postgres-standby", target.clone(), target.pool_size),
            rests_until: Mutex::default(),
        });
        let (served, behind, away) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        Self { all: all.collect(), system, turn: AtomicUsize::new(0), served, behind, away }
    }

    pub(in crate::db) fn any(&self) -> bool {
        !self.all.is_empty()
    }

    pub(in crate::db) fn reads(&self) -> StandbyReads {
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        StandbyReads { served: count(&self.served), behind: count(&self.behind), away: count(&self.away) }
    }

    /// Runs the query on a standby that has replayed the position; none where the primary is to be asked.
    pub(in crate::db) async fn read<T, E, Q>(&self, at_least: Position, query: Arc<Q>) -> Option<Result<T, E>>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        Q: Fn(&Reader<'_>) -> Result<T, E> + Send + Sync + 'static,
    {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let mut unfit = Unfit::Away;
        for index in 0..self.all.len() {
            let standby = &self.all[turn.wrapping_add(index) % self.all.len()];
            if standby.rests() {
                continue;
            }
            match standby.ask(self.system, at_least, Arc::clone(&query)).await {
                Ok(outcome) => {
                    self.served.fetch_add(1, Ordering::Relaxed);
                    return Some(outcome);
                }
                Err(why) => {
                    standby.rest(why);
                    unfit = why;
                }
            }
        }
        match unfit {
            Unfit::Behind => self.behind.fetch_add(1, Ordering::Relaxed),
            Unfit::Away => self.away.fetch_add(1, Ordering::Relaxed),
        };
        None
    }

    pub(super) fn stop(&self) {
        self.all.iter().for_each(|standby| standby.lane.stop());
    }
}

impl Standby {
    fn rests(&self) -> bool {
        let until = *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn rest(&self, why: Unfit) {
        let long = match why {
            Unfit::Behind => BEHIND,
            Unfit::Away => AWAY,
        };
        tracing::debug!(standby = self.name, ?why, "the primary answers instead of a standby");
        *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + long);
    }

    async fn ask<T, E, Q>(
        &self,
        system: i64,
        at_least: Position,
        query: Arc<Q>,
    ) -> Result<Result<T, E>, Unfit>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        Q: Fn(&Reader<'_>) -> Result<T, E> + Send + Sync + 'static,
    {
        type Outcome<T, E> = Result<Result<T, E>, Unfit>;
        let work = move |session: &Session, _: Instant, answer: Answer<Outcome<T, E>, Error>| {
            let outcome = answered(session, system, at_least, &*query);
            answer.send(Ok(outcome));
            session.rollback();
        };
        match tokio::time::timeout(PATIENCE, self.lane.run(work)).await {
            Ok(Ok(outcome)) => outcome,
            _ => Err(Unfit::Away),
        }
    }
}

fn answered<T, E: From<Error>>(
    session: &Session,
    system: i64,
    at_least: Position,
    query: &impl Fn(&Reader<'_>) -> Result<T, E>,
) -> Result<Result<T, E>, Unfit> {
    session.connect(PATIENCE / 2).map_err(|_| Unfit::Away)?;
    session.begin(Kind::Single);
    let end = Instant::now() + CATCH_UP;
    while !session.has_replayed(system, at_least).map_err(|_| Unfit::Away)? {
        if Instant::now() >= end {
            return Err(Unfit::Behind);
        }
        std::thread::sleep(LOOK_EVERY);
    }
    // The snapshot begins after the look, so it holds at least what was replayed by then.
    session.begin(Kind::Read);
    let outcome = unpanicked(|| query(&Reader(Snapshot::Postgres(session))));
    if session.fault().is_some() { Err(Unfit::Away) } else { Ok(outcome) }
}
