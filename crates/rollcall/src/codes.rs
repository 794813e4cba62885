//! One-time codes: issued, guessed, forgotten. Each proves one subject to one recipient for one purpose.

mod store;
pub(crate) mod tally;

use std::borrow::Cow;
use std::time::Duration;

use jiff::Timestamp;

use crate::allowances::{self, Allowance, client};
use crate::app::App;
use crate::db::{self, Tx};
use crate::domain::event::By;
use crate::domain::id::OrganizationId;
use crate::domain::invalid::Invalid;
use crate::domain::one_time_code::{Code, Guess, LiveCode, Purpose};
use crate::problem::{self, FieldError, Problem};

/// Wrong guesses that one subject (for channels: one organization) with one recipient has in a day, however often codes are asked for anew.
const WRONG_GUESSES: Allowance = Allowance { name: "wrong_codes", limit: 20, window: DAY };
/// And how many one after the other, without a right one among them, in a month (NIST SP 800-63B allows a hundred): who guesses every
/// day hits a target of theirs once in ten thousand months.
const WRONG_IN_A_ROW: Allowance =
    Allowance { name: "wrong_codes_in_a_row", limit: 100, window: Duration::from_secs(30 * 24 * 60 * 60) };
/// How often a code for the same recipient may be asked for again.
const RESENDS: Allowance = Allowance { name: "code_resends", limit: 5, window: Duration::from_secs(10 * 60) };

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What a code proves.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    /// The tenant; [`OrganizationId::NONE`] for a sign-up.
    pub(crate) organization_id: OrganizationId,
    /// What for.
    pub(crate) purpose: Purpose,
    /// The channel, the customer or the folded address that is proved.
    pub(crate) subject: String,
    /// The folded value that the code is sent to: a code for one address proves no other.
    pub(crate) recipient: String,
}

/// Whether sending is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// The first code for a value: sent at once.
    First,
    /// A code for the same value again: once a minute, and five times in ten minutes.
    Again,
}

/// Makes a fresh code; the one before is void.
///
/// # Errors
/// 429 `resend_too_soon` or `rate_limited` with [`Pace::Again`].
pub(crate) fn issue(
    tx: &Tx<'_>,
    app: &App,
    scope: &Scope,
    pace: Pace,
    now: Timestamp,
) -> Result<Code, Problem> {
    if pace == Pace::Again {
        may_issue(tx, app, scope, now)??;
    }
    let code = Code::random(app.random());
    store::put(tx, scope, &LiveCode::new(digest(app, scope, &code), now))?;
    Ok(code)
}

/// Counts that a code is asked for again.
///
/// # Errors
/// The storage's; the inner one is the refusal: 429 `resend_too_soon` or `rate_limited`.
pub(crate) fn may_issue(
    tx: &Tx<'_>,
    app: &App,
    scope: &Scope,
    now: Timestamp,
) -> Result<Result<(), Problem>, db::Error> {
    store::take(tx, scope)?;
    if let Some(wait) = store::find(tx, scope)?.and_then(|live| live.may_resend(now).err()) {
        let detail =
            format!("A code went out just now. Ask for another in {} seconds.", wait.as_secs().max(1));
        return Ok(Err(Problem::because(problem::Code::ResendTooSoon, detail).retry_after(wait)));
    }
    if !app.policy.rate_limits {
        return Ok(Ok(()));
    }
    let wait = allowances::take(tx, &counter(app, &RESENDS, scope), &RESENDS, now)?;
    Ok(wait.map_or(Ok(()), |wait| {
        let detail = "Five codes were asked for within ten minutes. Try again a little later.";
        Err(Problem::because(problem::Code::RateLimited, detail).retry_after(wait))
    }))
}

/// Tries a code: counted before it is compared, and void once it was right. A refusal must be committed to count.
///
/// # Errors
/// The storage's; the inner one is the refusal: 422 `code_invalid`, `code_expired`, 429 `attempts_exhausted`.
pub(crate) fn guess(
    tx: &Tx<'_>,
    app: &App,
    by: &By,
    scope: &Scope,
    code: &Code,
    now: Timestamp,
) -> Result<Result<(), Problem>, db::Error> {
    if let Err(refusal) = admit(tx, app, by, now)? {
        return Ok(Err(refusal));
    }
    store::take(tx, scope)?;
    let Some(mut live) = store::find(tx, scope)? else {
        let refusal = in_vain(tx, app, scope, code, now)?;
        client::note(tx, app, by, &client::WRONG_CODES, now)?;
        return Ok(Err(refusal));
    };
    if let Some(wait) = budget(tx, app, scope, now)? {
        return Ok(Err(exhausted(wait)));
    }
    let silent = scope.purpose.is_of_strangers();
    let refusal = match live.guess(&digest(app, scope, code), now) {
        Guess::Right => {
            forget(tx, scope)?;
            allowances::forget(tx, &counter(app, &WRONG_IN_A_ROW, scope))?;
            return Ok(Ok(()));
        }
        Guess::Wrong { left } if !silent => {
            count(tx, app, scope, &live, true, now)?;
            wrong_of_five(scope.purpose, left)
        }
        // That a code was out is told to nobody but who has it.
        Guess::Expired { right } if right || !silent => {
            store::count(tx, scope, &live)?;
            faulty(scope.purpose, problem::Code::CodeExpired, problem::Code::CodeExpired.detail())
        }
        Guess::Wrong { .. } | Guess::Expired { .. } => {
            count(tx, app, scope, &live, true, now)?;
            wrong(scope.purpose)
        }
        Guess::Exhausted { retry_after } => exhausted(retry_after),
    };
    client::note(tx, app, by, &client::WRONG_CODES, now)?;
    Ok(Err(refusal))
}

/// A code for whom there is nobody, counted like a wrong one, so that guessing costs the same everywhere. To be committed.
pub(crate) fn miss(
    tx: &Tx<'_>,
    app: &App,
    by: &By,
    scope: &Scope,
    code: &Code,
    now: Timestamp,
) -> Result<Problem, db::Error> {
    if let Err(refusal) = admit(tx, app, by, now)? {
        return Ok(refusal);
    }
    store::take(tx, scope)?;
    store::find(tx, scope)?;
    let refusal = in_vain(tx, app, scope, code, now)?;
    client::note(tx, app, by, &client::WRONG_CODES, now)?;
    Ok(refusal)
}

/// A guess where no code is out. What a wrong one has counted at a code is counted in vain, or the time that it takes would tell.
fn in_vain(tx: &Tx<'_>, app: &App, scope: &Scope, code: &Code, now: Timestamp) -> Result<Problem, db::Error> {
    budget(tx, app, scope, now)?;
    let mut nobodys = LiveCode::new([0; 32], now);
    nobodys.guess(&digest(app, scope, code), now);
    count(tx, app, scope, &nobodys, false, now)?;
    Ok(wrong(scope.purpose))
}

/// How long to wait where the wrong guesses of a day or a month are used up.
fn budget(tx: &Tx<'_>, app: &App, scope: &Scope, now: Timestamp) -> Result<Option<Duration>, db::Error> {
    let mut wait = None;
    for what in [&WRONG_GUESSES, &WRONG_IN_A_ROW] {
        let more = allowances::exhausted(tx, &counter(app, what, scope), what, now)?;
        wait = wait.or(more);
    }
    Ok(wait)
}

/// Counts a wrong guess; at a code that is out (`stays`), and everywhere.
fn count(
    tx: &Tx<'_>,
    app: &App,
    scope: &Scope,
    live: &LiveCode,
    stays: bool,
    now: Timestamp,
) -> Result<(), db::Error> {
    tx.stays_if(|tx| {
        store::count(tx, scope, live)?;
        for what in [&WRONG_GUESSES, &WRONG_IN_A_ROW] {
            allowances::count(tx, &counter(app, what, scope), what, now)?;
        }
        Ok::<_, db::Error>(stays)
    })?;
    tally::wrong(tx, app, now)
}

/// Refuses a guess of a network that has none left, or while too many come from everywhere.
fn admit(tx: &Tx<'_>, app: &App, by: &By, now: Timestamp) -> Result<Result<(), Problem>, db::Error> {
    match client::admit(tx, app, by, &client::WRONG_CODES, now) {
        Ok(()) => tally::admit(tx, app, now),
        refused => Ok(refused),
    }
}

/// Who is counted. A channel may be deleted and made anew for the same value, so it is its organization.
fn counter(app: &App, what: &Allowance, scope: &Scope) -> [u8; 32] {
    let organization = scope.organization_id.to_string();
    let guesser = if scope.purpose == Purpose::Channel { &organization } else { &scope.subject };
    allowances::key(app, what, &[scope.purpose.as_str(), guesser, &scope.recipient])
}

/// The refusal of a wrong code, for somebody who knows that one is out.
fn wrong_of_five(purpose: Purpose, left: u32) -> Problem {
    let detail = match left {
        0 => "The code is wrong. That was the last try: ask for a new code.".to_owned(),
        1 => "The code is wrong. One try is left.".to_owned(),
        left => format!("The code is wrong. {left} tries are left."),
    };
    faulty(purpose, problem::Code::CodeInvalid, detail)
}

/// The refusal of a code that there is nothing to compare with, and of every wrong one of a stranger: nothing tells them apart.
pub(crate) fn wrong(purpose: Purpose) -> Problem {
    faulty(purpose, problem::Code::CodeInvalid, problem::Code::CodeInvalid.detail())
}

/// A refusal that names the code's field, as every 422 does.
fn faulty(purpose: Purpose, code: problem::Code, detail: impl Into<Cow<'static, str>>) -> Problem {
    let detail = detail.into();
    let why = Invalid::new(code.name(), detail.clone());
    Problem { errors: vec![FieldError::new(purpose.field(), why)], ..Problem::because(code, detail) }
}

/// Voids whatever code is out.
pub(crate) fn forget(tx: &Tx<'_>, scope: &Scope) -> Result<(), db::Error> {
    store::delete(tx, scope)
}

fn exhausted(wait: Duration) -> Problem {
    Problem::new(problem::Code::AttemptsExhausted).retry_after(wait)
}

fn digest(app: &App, scope: &Scope, code: &Code) -> [u8; 32] {
    let parts = [scope.purpose.as_str(), &scope.subject, &scope.recipient, code.as_str()];
    app.keys.digest("one_time_code", &parts.map(str::as_bytes))
}
