//! Refused sign-ins for one account from one network: from the fifth on, each doubles the wait for the next try.
//! The owner at home is not held up by strangers elsewhere.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{client, hold, key_of};
use crate::access::Ground;
use crate::app::App;
use crate::db::{Error, Tx};
use crate::domain::event::By;
use crate::domain::set_back;
use crate::problem::{Code, Problem};

/// Tries without a wait.
const FREE: i64 = 5;
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// After this long without a refusal everything is forgotten.
const FORGOTTEN: SignedDuration = SignedDuration::from_hours(1);

/// The counter of an account, known or not, as one network tries it; none where requests are not counted.
pub(crate) fn counter(app: &App, by: &By, email_key: &str) -> Option<[u8; 32]> {
    let network = by.ip.and_then(client::network).unwrap_or_default();
    app.policy.rate_limits.then(|| key_of(app, "sign_in_backoff", &[email_key, &network]))
}

/// Refuses a try that comes too soon after those that failed.
///
/// # Errors
/// 429 `rate_limited`.
pub(crate) fn admit(ground: &impl Ground, counter: Option<&[u8; 32]>, now: Timestamp) -> Result<(), Problem> {
    let Some(counter) = counter else { return Ok(()) };
    hold(ground, counter)?;
    let row: Option<(Timestamp, i64)> = ground
        .reader()
        .fetch_optional("select window_ends, used from allowance where allowance_key = $1", (counter,))?;
    let left = row.and_then(|(ends, failures)| left(ends, failures, now));
    match left {
        None => Ok(()),
        Some(left) => {
            let detail = format!("Too many wrong passwords. Try again in {} seconds.", left.as_secs().max(1));
            Err(Problem::because(Code::RateLimited, detail).retry_after(left))
        }
    }
}

/// Counts a refusal.
pub(crate) fn failed(tx: &Tx<'_>, counter: Option<&[u8; 32]>, now: Timestamp) -> Result<(), Error> {
    let Some(counter) = counter else { return Ok(()) };
    tx.execute(
        "insert into allowance (allowance_key, window_ends, used) values ($1, $2, 1)
         on conflict (allowance_key) do update
         set used = case when allowance.window_ends <= $3 then 1 else allowance.used + 1 end,
             window_ends = excluded.window_ends",
        (counter, now + FORGOTTEN, now),
    )?;
    Ok(())
}

/// Forgets the refusals: the password was right.
pub(crate) fn forget(tx: &Tx<'_>, counter: Option<&[u8; 32]>) -> Result<(), Error> {
    counter.map_or(Ok(()), |counter| super::forget(tx, counter))
}

fn left(ends: Timestamp, failures: i64, now: Timestamp) -> Option<Duration> {
    let doublings = u32::try_from(failures - FREE).ok()?.min(20);
    let wait = Duration::from_secs(1 << doublings).min(LONGEST);
    let last = ends - FORGOTTEN;
    let left = last.duration_since(now) + SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    (left.is_positive() && !set_back::since(last, now)).then(|| left.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_from_the_fifth_on_doubles_the_wait_up_to_a_quarter_of_an_hour() {
        let now = Timestamp::UNIX_EPOCH;
        let after = |failures| left(now + FORGOTTEN, failures, now).map_or(0, |wait| wait.as_secs());
        assert_eq!([1, 4, 5, 6, 7, 14, 15, 1_000].map(after), [0, 0, 1, 2, 4, 512, 900, 900]);
        assert_eq!(left(now + FORGOTTEN, 5, now + SignedDuration::from_secs(1)), None);
    }
}
