//! The worker: claims what is due as long as it has room, makes the attempts side by side, and sleeps in between.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::claim::{self, Claimed};
use super::held::{Held, Holding};
use super::places::Places;
use super::room::Room;
use super::{Owners, deliver, mark};
use crate::app::App;
use crate::db;

/// The longest sleep.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// The same where another process may write what is due at once: its nudge is not heard here. Four small looks a second cost less
/// than `notify`, which takes a lock of the whole database at each commit and which a pooler between us would swallow.
const SHARED_SLEEP: Duration = Duration::from_millis(250);
/// The shortest: storage that does not answer must not be asked in a busy loop.
const SHORTEST_SLEEP: Duration = Duration::from_millis(20);
/// A clock that is slewed moves by less; one that goes back by more was set.
const SET_BACK: SignedDuration = SignedDuration::from_secs(2);
/// What is written down after the last attempt was broken off may take this long.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A worker that runs.
pub struct Worker {
    /// When its last attempts are broken off, once it was asked to end.
    end: watch::Sender<Option<Instant>>,
    task: JoinHandle<()>,
}

impl Worker {
    /// Starts it. Owners of channels hear of what the worker does to these.
    #[must_use]
    pub fn start(app: App, owners: Owners) -> Self {
        let (end, ended) = watch::channel(None);
        Self { end, task: tokio::spawn(run(app, owners, ended)) }
    }

    /// Claims nothing more from now on. Attempts that run go on, at most until the given time: each is bounded by its transport.
    pub fn wind_down(&self, until: Instant) {
        self.end.send_replace(Some(until));
    }

    /// The same, and waits for the attempts that run. Those that run at `until` are broken off, and their messages given back.
    pub async fn stop(mut self, until: Instant) {
        self.wind_down(until);
        match timeout_at(until + LAST_WORDS, &mut self.task).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the outbox's worker had failed"),
            Err(_) => {
                tracing::warn!(
                    "messages could not be given back; they are tried again when their leases end"
                );
                self.task.abort();
                // Dropped with all its attempts once it has really ended.
                let _ = self.task.await;
            }
        }
    }
}

async fn run(app: App, owners: Owners, mut ended: watch::Receiver<Option<Instant>>) {
    let nudge = app.db.worker_nudge();
    if let Err(error) = claim::release_dead(&app).await {
        tracing::warn!(%error, "leases of the process before could not be ended; they run out by themselves");
    }
    let mut turns = Turns { places: Places::default(), next: HashMap::new() };
    let (mut attempts, held, mut latest) = (JoinSet::new(), Held::default(), app.now());
    while ended.borrow().is_none() {
        latest = follow_clock(&app, latest).await;
        let turn = turns.take(&app).await;
        let failed = turn.is_err();
        let turn = turn.unwrap_or_else(|error| {
            tracing::warn!(%error, "nothing could be claimed from the outbox");
            Turn::default()
        });
        for message in turn.claimed {
            // None where its lease ended before its attempt, which goes on under the new one.
            let Some(holding) = held.take(message.delivery_id, message.lease) else { continue };
            let place = turns.places.enter(message.room, message.organization_id, message.host.clone());
            let app = app.clone();
            attempts.spawn(async move {
                attempt(&app, owners, &holding, message).await;
                drop(place);
            });
        }
        while attempts.try_join_next().is_some() {}
        if turn.more {
            continue;
        }
        // What is due and waits for a place is looked at when an attempt ends; asking before would help nobody.
        let sleep = if failed || turn.held { LONGEST_SLEEP } else { until_next(&app).await };
        tokio::select! {
            () = nudge.notified() => {}
            _ = ended.changed() => {}
            Some(_) = attempts.join_next(), if turn.held => {}
            () = tokio::time::sleep(sleep) => {}
        }
    }
    let until = ended.borrow().unwrap_or_else(Instant::now);
    let all = async { while attempts.join_next().await.is_some() {} };
    if timeout_at(until, all).await.is_err() {
        tracing::warn!("attempts to deliver were broken off; they are made again");
        let leases = held.all();
        attempts.shutdown().await;
        if let Err(error) = claim::give_back(&app, leases).await {
            tracing::warn!(%error, "messages could not be given back; they are tried again when their leases end");
        }
    }
}

/// The lanes take turns in each room.
struct Turns {
    places: Places,
    /// Where the turn goes on in each room.
    next: HashMap<Room, Uuid>,
}

/// What one look around brought.
#[derive(Default)]
struct Turn {
    claimed: Vec<Claimed>,
    /// There may be more: look again at once.
    more: bool,
    /// Something due found no place.
    held: bool,
}

impl Turns {
    async fn take(&mut self, app: &App) -> Result<Turn, db::Error> {
        let mut turn = Turn::default();
        for room in Room::ALL {
            if self.places.any(room) {
                self.serve(app, room, &mut turn).await?;
            } else {
                turn.held = true;
            }
        }
        Ok(turn)
    }

    /// Goes around the room until somebody is served, once at the most.
    async fn serve(&mut self, app: &App, room: Room, turn: &mut Turn) -> Result<(), db::Error> {
        let start = self.next.get(&room).copied().unwrap_or_default();
        let (mut at, mut wrapped) = (start, start.is_nil());
        loop {
            let look = claim::look(app, room, at).await?;
            let lanes = self.places.allot(room, &look.due);
            let all = lanes.len() == look.due.len();
            turn.held |= !all;
            let next = look.next.unwrap_or_default();
            if let Some((last, _)) = lanes.last() {
                // Where the places did not suffice, the next turn begins after the last lane that got one.
                self.next.insert(room, if all { next } else { *last });
                turn.claimed.extend(claim::lease(app, room, lanes).await?);
                turn.more = true;
                return Ok(());
            }
            let around = wrapped && (next.is_nil() || !start.is_nil() && next >= start);
            if look.next.is_none() || around {
                return Ok(());
            }
            wrapped |= next.is_nil();
            at = next;
        }
    }
}

async fn attempt(app: &App, owners: Owners, holding: &Holding, mut message: Claimed) {
    let ended = deliver::attempt(app, &message).await.ended();
    tracing::debug!(delivery_id = %message.delivery_id, verdict = ?ended.outcome.verdict, attempts_before = message.attempts, "an attempt ended");
    message.lease = holding.lease().unwrap_or(message.lease);
    if let Err(error) = mark::mark(app, owners, &message, ended).await {
        // The lease runs out and the message is tried again under the same id.
        tracing::error!(%error, delivery_id = %message.delivery_id, "the outcome of an attempt could not be written");
    }
    app.attempts.ended(message.delivery_id);
}

/// Gives the time now. Where the clock was set back, what waits for a time that it has shown already waits for its new one: an hour
/// that comes twice must not make a message an hour late. Where several processes share the queue, each has a clock of its own, and
/// leases run by all of them.
async fn follow_clock(app: &App, latest: Timestamp) -> Timestamp {
    let now = app.now();
    let back = latest.duration_since(now);
    if back > SET_BACK && app.db.is_exclusive() {
        tracing::warn!(
            seconds = back.as_secs(),
            "the clock was set back; what waits in the outbox follows it"
        );
        if let Err(error) = claim::set_back(app, back, now).await {
            tracing::warn!(%error, "the outbox could not follow the clock");
            return latest;
        }
    }
    now
}

async fn until_next(app: &App) -> Duration {
    let longest = if app.db.is_exclusive() { LONGEST_SLEEP } else { SHARED_SLEEP };
    match claim::next_due(app).await {
        Ok(Some(due)) => {
            due.duration_since(app.now()).try_into().unwrap_or(SHORTEST_SLEEP).clamp(SHORTEST_SLEEP, longest)
        }
        Ok(None) => longest,
        Err(error) => {
            tracing::warn!(%error, "the outbox cannot be looked at");
            LONGEST_SLEEP
        }
    }
}
