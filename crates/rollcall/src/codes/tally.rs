//! What becomes of one-time codes on this server, hour by hour. It tells what no counter of one subject can: that somebody guesses at
//! many accounts from many networks, and that texts go out which nobody waits for.

use std::time::Duration;

use jiff::Timestamp;

use crate::allowances::{self, Allowance};
use crate::app::App;
use crate::db::{Error, Reader, Tx};
use crate::problem::{Code, Problem};

/// Wrong codes in an hour that are no sign of anything, however quiet the server was before.
const ORDINARY: i64 = 1_000;
/// How many times the mean of the week before is no accident.
const TIMES: i64 = 10;
/// Hours of the week that the mean is of.
const WEEK: i64 = 7 * 24;
/// Texts and calls in a day below which the share of those that served tells nothing.
const ENOUGH: i64 = 50;
/// While the alarm rings, how many wrong codes are heard of all together.
const OF_ALL: Allowance =
    Allowance { name: "wrong_codes_of_all", limit: 20, window: Duration::from_secs(60) };

/// What the operator should look at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Alarms {
    /// Wrong codes came, in this hour or the one before, ten times as often as in the week before (and a thousand at least).
    pub guessing: bool,
    /// Of the codes that went out by text and call within a day (fifty at least), fewer than a fifth were entered.
    pub unused: bool,
}

/// Looks at the tally.
pub(crate) fn alarms(reader: &Reader<'_>, now: Timestamp) -> Result<Alarms, Error> {
    let hour = hour(now);
    let (wrong, week, sent, used): (i64, i64, i64, i64) = reader.fetch_one(
        "select coalesce(max(case when hour >= $1 then wrong end), 0),
                cast(coalesce(sum(case when hour < $1 then wrong end), 0) as bigint),
                cast(coalesce(sum(case when hour > $2 then sent end), 0) as bigint),
                cast(coalesce(sum(case when hour > $2 then used end), 0) as bigint)
         from code_tally where hour >= $3",
        (hour - 1, hour - 24, hour - 1 - WEEK),
    )?;
    Ok(Alarms {
        guessing: wrong >= ORDINARY.max(TIMES * week / WEEK),
        unused: sent >= ENOUGH && used * 5 < sent,
    })
}

/// Holds a guess back while somebody guesses at large: a few each minute are heard, whoever they are of.
///
/// # Errors
/// The storage's; the inner one is 429 `rate_limited`.
pub(super) fn admit(tx: &Tx<'_>, app: &App, now: Timestamp) -> Result<Result<(), Problem>, Error> {
    if !(app.policy.rate_limits && alarms(tx, now)?.guessing) {
        return Ok(Ok(()));
    }
    let wait = allowances::exhausted(tx, &allowances::key(app, &OF_ALL, &[]), &OF_ALL, now)?;
    Ok(match wait {
        None => Ok(()),
        Some(wait) => {
            let detail =
                "Far too many wrong codes arrive just now, so codes are taken slowly. Try again in a minute.";
            Err(Problem::because(Code::RateLimited, detail).retry_after(wait))
        }
    })
}

/// A code was wrong.
pub(super) fn wrong(tx: &Tx<'_>, app: &App, now: Timestamp) -> Result<(), Error> {
    count(
        tx,
        "insert into code_tally (hour, wrong) values ($1, 1)
         on conflict (hour) do update set wrong = code_tally.wrong + 1",
        now,
    )?;
    if alarms(tx, now)?.guessing {
        allowances::count(tx, &allowances::key(app, &OF_ALL, &[]), &OF_ALL, now)?;
    }
    Ok(())
}

/// A code goes out by text or call.
pub(crate) fn sent(tx: &Tx<'_>, now: Timestamp) -> Result<(), Error> {
    count(
        tx,
        "insert into code_tally (hour, sent) values ($1, 1)
         on conflict (hour) do update set sent = code_tally.sent + 1",
        now,
    )
}

/// A code that went out by text or call was entered.
pub(crate) fn used(tx: &Tx<'_>, now: Timestamp) -> Result<(), Error> {
    count(
        tx,
        "insert into code_tally (hour, used) values ($1, 1)
         on conflict (hour) do update set used = code_tally.used + 1",
        now,
    )
}

/// Hours that no alarm looks at any more; says how many went.
pub(crate) fn forget(tx: &Tx<'_>, now: Timestamp, most: i64) -> Result<u64, Error> {
    tx.execute(
        "delete from code_tally where hour in (select hour from code_tally where hour < $1 limit $2)",
        (hour(now) - 1 - WEEK, most),
    )
}

fn count(tx: &Tx<'_>, sql: &'static str, now: Timestamp) -> Result<(), Error> {
    tx.execute(sql, (hour(now),)).map(|_| ())
}

/// Hours since 1970.
fn hour(now: Timestamp) -> i64 {
    now.as_second().div_euclid(60 * 60)
}
