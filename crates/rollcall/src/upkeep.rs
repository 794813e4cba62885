//! Upkeep: what has expired is deleted every ten minutes, a few hundred rows at a time, so that no command waits long. Of several
//! processes on one database one does it.

mod store;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::allowances::{self, Allowance};
use crate::app::App;
use crate::codes::tally;
pub use crate::codes::tally::Alarms;
use crate::db::{self, Tx};
use crate::domain::event::{By, Event};
use crate::http::idempotency;

/// From one sweep to the next.
const EVERY: Duration = Duration::from_secs(10 * 60);
/// One sweep in a window, whoever makes it: the first to ask. The window is a little shorter than a process waits, so that none comes
/// a moment too early for its own next one.
const ROUND: Allowance = Allowance { name: "upkeep", limit: 1, window: Duration::from_secs(9 * 60) };
/// The most rows that one transaction deletes.
const BATCH: i64 = 500;
/// Expired codes and tokens stay for a day: who comes late is told that they have expired, not that there were none.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// How long the built-in mailbox keeps a message.
const MAILBOX: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The task that sweeps.
pub struct Upkeep(JoinHandle<()>);

impl Upkeep {
    /// Sweeps now and every ten minutes, unless another process does.
    #[must_use]
    pub fn start(app: App) -> Self {
        Self(tokio::spawn(async move {
            let mut ticks = interval(EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                if let Err(error) = round(&app).await {
                    tracing::warn!(%error, "upkeep was cut short; it goes on with the next sweep");
                }
                match alarms(&app).await {
                    Ok(alarms) => ring(alarms),
                    Err(error) => tracing::warn!(%error, "nobody could look after the codes"),
                }
            }
        }))
    }

    /// Ends the task. Each batch is a transaction of its own, so nothing is left half done.
    pub fn stop(self) {
        self.0.abort();
    }
}

/// What one-time codes tell the operator just now.
///
/// # Errors
/// The storage's.
pub async fn alarms(app: &App) -> Result<Alarms, db::Error> {
    let now = app.now();
    app.db.read(move |reader| tally::alarms(reader, now)).await
}

fn ring(alarms: Alarms) {
    if alarms.guessing {
        tracing::warn!(
            "far more wrong one-time codes than usual: somebody may be guessing; codes are taken slowly"
        );
    }
    if alarms.unused {
        tracing::warn!(
            "fewer than a fifth of the codes by text and call get used: somebody may be making money of them"
        );
    }
}

/// One kind of rows: deletes a batch of what had expired at the time, and says how many rows it found.
type Step = fn(&Tx<'_>, Timestamp, i64) -> Result<u64, db::Error>;

/// Deletes everything that has expired, unless that was done just now; says whether it was this process that did it.
///
/// # Errors
/// As [`sweep`].
pub async fn round(app: &App) -> Result<bool, db::Error> {
    let (now, key) = (app.now(), allowances::key(app, &ROUND, &[]));
    let taken = app
        .db
        .write(move |tx| {
            let taken = allowances::take(&tx, &key, &ROUND, now)?.is_none();
            tx.commit(&By::service("upkeep"), now, Event::upkeep(), taken)
        })
        .await?;
    if taken {
        sweep(app).await?;
    }
    Ok(taken)
}

/// Deletes everything that has expired, and what the storage's log still says of it.
///
/// # Errors
/// The storage's; what was deleted until then stays deleted.
pub async fn sweep(app: &App) -> Result<(), db::Error> {
    let now = app.now();
    let steps: [(Step, Timestamp); 10] = [
        (store::sign_ups, now),
        (store::codes, now - DAY),
        (store::tokens, now - DAY),
        (store::idempotency_keys, now - idempotency::KEPT),
        (store::allowances, now),
        (store::mailbox_messages, now - MAILBOX),
        (store::outbox, now - DAY),
        (store::deliveries, now - app.policy.delivery_retention),
        (store::dedup_keys, now),
        (tally::forget, now),
    ];
    for (step, until) in steps {
        loop {
            let found = app
                .db
                .write(move |tx| {
                    let found = step(&tx, until, BATCH)?;
                    tx.commit(&By::service("upkeep"), now, Event::upkeep(), found)
                })
                .await?;
            if found < BATCH.unsigned_abs() {
                break;
            }
        }
    }
    // What was deleted, here or by anybody since the last time, stands in the log until then.
    app.db.empty_log().await
}
