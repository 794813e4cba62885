//! Counters of what one subject may do in a window. They live in the database, so that a restart grants nothing.

pub(crate) mod backoff;
pub(crate) mod client;
pub(crate) mod flood;
pub(crate) mod toll;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::access::Ground;
use crate::app::App;
use crate::db::{Error, Tx};
use crate::domain::set_back;
use crate::problem::{Code, Problem};

/// How often something may happen in a window that begins with its first use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    /// Keeps the counters of different allowances apart.
    pub(crate) name: &'static str,
    /// How often.
    pub(crate) limit: i64,
    /// In which time.
    pub(crate) window: Duration,
}

/// The counter of a subject, as a keyed digest: the table tells nobody who was counted.
pub(crate) fn key(app: &App, allowance: &Allowance, subject: &[&str]) -> [u8; 32] {
    key_of(app, allowance.name, subject)
}

fn key_of(app: &App, name: &str, subject: &[&str]) -> [u8; 32] {
    let parts: Vec<_> = std::iter::once(name).chain(subject.iter().copied()).map(str::as_bytes).collect();
    app.keys.digest("allowance", &parts)
}

/// Lets a command wait for those that count on the same counter just now.
fn hold(ground: &impl Ground, key: &[u8; 32]) -> Result<(), Error> {
    ground.lock("select 1 from allowance where allowance_key = $1 for update", (key,))
}

/// How long to wait where nothing is left.
pub(crate) fn exhausted(
    ground: &impl Ground,
    key: &[u8; 32],
    allowance: &Allowance,
    now: Timestamp,
) -> Result<Option<Duration>, Error> {
    hold(ground, key)?;
    let row: Option<(Timestamp, i64)> = ground
        .reader()
        .fetch_optional("select window_ends, used from allowance where allowance_key = $1", (key,))?;
    Ok(row
        .filter(|(ends, used)| *ends > now && *used >= allowance.limit)
        .filter(|(ends, _)| !set_back::since(*ends - length(allowance), now))
        .map(|(ends, _)| ends.duration_since(now).unsigned_abs()))
}

/// Counts one use; the first after a window begins the next.
pub(crate) fn count(tx: &Tx<'_>, key: &[u8; 32], allowance: &Allowance, now: Timestamp) -> Result<(), Error> {
    take(tx, key, allowance, now).map(|_| ())
}

/// Begins anew.
pub(crate) fn forget(tx: &Tx<'_>, key: &[u8; 32]) -> Result<(), Error> {
    tx.execute("delete from allowance where allowance_key = $1", (key,)).map(|_| ())
}

/// Counts one use, or says how long to wait where nothing was left. Counted before it is looked at, so that no two take the last one.
pub(crate) fn take(
    tx: &Tx<'_>,
    key: &[u8; 32],
    allowance: &Allowance,
    now: Timestamp,
) -> Result<Option<Duration>, Error> {
    let ends = now + length(allowance);
    let (ends, used): (Timestamp, i64) = tx.fetch_one(
        "insert into allowance (allowance_key, window_ends, used) values ($1, $2, 1)
         on conflict (allowance_key) do update
         set used = case when allowance.window_ends <= $3 or allowance.window_ends > $4
                         then 1 else allowance.used + 1 end,
             window_ends = case when allowance.window_ends <= $3 or allowance.window_ends > $4
                                then excluded.window_ends else allowance.window_ends end
         returning window_ends, used",
        // A window that ends later than one that begins now was begun before the clock was set back.
        (key, ends, now, ends + set_back::AHEAD),
    )?;
    Ok((used > allowance.limit).then(|| ends.duration_since(now).unsigned_abs()))
}

fn length(allowance: &Allowance) -> SignedDuration {
    SignedDuration::try_from(allowance.window).unwrap_or(SignedDuration::MAX)
}

/// Counts one use, or refuses in the given words; counts nothing where the operator has switched limits off.
///
/// # Errors
/// 429 `rate_limited`.
pub(crate) fn spend(
    tx: &Tx<'_>,
    app: &App,
    allowance: &Allowance,
    subject: &[&str],
    refusal: &'static str,
    now: Timestamp,
) -> Result<(), Problem> {
    if !app.policy.rate_limits {
        return Ok(());
    }
    match take(tx, &key(app, allowance, subject), allowance, now)? {
        None => Ok(()),
        Some(wait) => Err(Problem::because(Code::RateLimited, refusal).retry_after(wait)),
    }
}
