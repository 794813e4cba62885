//! The worker: claims what is due as long as it has room, makes the attempts side by side, and sleeps in between.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout_at};

use super::claim::{self, Claimed};
use super::{deliver, mark};
use crate::app::App;

/// How many attempts run at once.
const AT_ONCE: usize = 64;
/// The longest sleep: another process may have written what is due now.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// The shortest: storage that does not answer must not be asked in a busy loop.
const SHORTEST_SLEEP: Duration = Duration::from_millis(20);

/// A worker that runs.
pub struct Worker {
    end: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Worker {
    /// Starts it.
    #[must_use]
    pub fn start(app: App) -> Self {
        let (end, ended) = watch::channel(false);
        Self { end, task: tokio::spawn(run(app, ended)) }
    }

    /// Claims nothing more, and waits for the attempts that run: each is bounded by its transport. Those that run at
    /// `until` are broken off and made again later.
    pub async fn stop(mut self, until: Instant) {
        // Nobody listens where the task has ended by a panic, which the join below reports.
        let _ = self.end.send(true);
        match timeout_at(until, &mut self.task).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the outbox's worker had failed"),
            Err(_) => {
                tracing::warn!("attempts to deliver were broken off; they are made again");
                self.task.abort();
                // Dropped with all its attempts once it has really ended.
                let _ = self.task.await;
            }
        }
    }
}

async fn run(app: App, mut ended: watch::Receiver<bool>) {
    let nudge = app.db.worker_nudge();
    if let Err(error) = claim::release_dead(&app).await {
        tracing::warn!(%error, "leases of the process before could not be ended; they run out by themselves");
    }
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut attempts = JoinSet::new();
    while !*ended.borrow() {
        let claimed = match room.available_permits() {
            0 => Ok(Vec::new()),
            free => claim::claim(&app, free).await,
        };
        let failed = claimed.is_err();
        let claimed = claimed.unwrap_or_else(|error| {
            tracing::warn!(%error, "nothing could be claimed from the outbox");
            Vec::new()
        });
        let idle = claimed.is_empty();
        for message in claimed {
            let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
            let app = app.clone();
            attempts.spawn(async move {
                attempt(&app, &message).await;
                drop(place);
            });
        }
        while attempts.try_join_next().is_some() {}
        if idle {
            // What is due and could not be claimed is still due: asking again at once would help nobody.
            let sleep = if failed { LONGEST_SLEEP } else { until_next(&app).await };
            tokio::select! {
                () = nudge.notified() => {}
                _ = ended.changed() => {}
                Some(_) = attempts.join_next(), if room.available_permits() == 0 => {}
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }
    while attempts.join_next().await.is_some() {}
}

async fn attempt(app: &App, message: &Claimed) {
    let (outcome, kept) = deliver::attempt(app, message).await.outcome();
    tracing::debug!(delivery_id = %message.delivery_id, verdict = ?outcome.verdict, attempt = message.attempts, "an attempt ended");
    if let Err(error) = mark::mark(app, message, outcome, kept).await {
        // The lease runs out and the message is tried again under the same id.
        tracing::error!(%error, delivery_id = %message.delivery_id, "the outcome of an attempt could not be written");
    }
    app.attempts.ended(message.delivery_id);
}

async fn until_next(app: &App) -> Duration {
    match claim::next_due(app).await {
        Ok(Some(due)) => due
            .duration_since(app.now())
            .try_into()
            .unwrap_or(SHORTEST_SLEEP)
            .clamp(SHORTEST_SLEEP, LONGEST_SLEEP),
        Ok(None) => LONGEST_SLEEP,
        Err(error) => {
            tracing::warn!(%error, "the outbox cannot be looked at");
            LONGEST_SLEEP
        }
    }
}
