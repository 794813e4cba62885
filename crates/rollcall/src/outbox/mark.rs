//! Writes down what came of an attempt, if the lease still holds: the log, the next try, or the end.

use jiff::{SignedDuration, Timestamp};
use notify::{Outcome, Verdict};

use super::backoff;
use super::claim::Claimed;
use super::post::{Envelope, Receiver};
use crate::app::App;
use crate::db::{self, Committed, Tx};
use crate::domain::event::{Action, By, Event, Target};
use crate::domain::id::{ChannelId, Id};

/// What the log says of an attempt.
struct Line<'a> {
    outcome: &'static str,
    status: &'static str,
    made: &'a Outcome,
}

/// Writes it down in one transaction.
pub(super) async fn mark(
    app: &App,
    claimed: &Claimed,
    outcome: Outcome,
    kept: Option<Envelope>,
) -> Result<(), db::Error> {
    let now = app.now();
    let random = u64::from_be_bytes(app.random());
    let claimed = claimed.clone();
    app.db.write(move |tx| write(tx, &claimed, &outcome, kept.as_ref(), random, now)).await
}

fn write(
    tx: Tx<'_>,
    claimed: &Claimed,
    outcome: &Outcome,
    kept: Option<&Envelope>,
    random: u64,
    now: Timestamp,
) -> Result<Committed<()>, db::Error> {
    let by = By::service("outbox");
    let held: Option<(i64,)> = tx.fetch_optional(
        "select 1 from outbox where delivery_id = $1 and lease = $2",
        (claimed.delivery_id, claimed.lease),
    )?;
    if held.is_none() {
        // The lease ran out and another worker has the message: what came of this attempt is no longer ours to say.
        return tx.commit(&by, now, Event::upkeep(), ());
    }
    if let Some(envelope) = kept {
        keep(&tx, claimed, envelope, now)?;
    }
    let channel = channel(&tx, claimed)?;
    let again = match &outcome.verdict {
        Verdict::Retry { after } => {
            let code =
                matches!(&channel, Some((_, kind)) if kind == "verification") || expires_soon(claimed, now);
            backoff::wait(claimed.attempts, code, *after, random)
                .and_then(|wait| SignedDuration::try_from(wait).ok())
                .map(|wait| now + wait)
                .filter(|due| *due < claimed.expires_at)
        }
        _ => None,
    };
    match again {
        Some(due) => tx.execute(
            "update outbox set due_at = $2, lease = null, leased_until = null where delivery_id = $1",
            (claimed.delivery_id, due),
        )?,
        None => tx.execute("delete from outbox where delivery_id = $1", (claimed.delivery_id,))?,
    };
    let line = match (&outcome.verdict, again) {
        (Verdict::Delivered, _) => Line { outcome: "delivered", status: "delivered", made: outcome },
        (_, Some(_)) => Line { outcome: "retry", status: "queued", made: outcome },
        (_, None) => Line { outcome: "failed", status: "failed", made: outcome },
    };
    if let Some((channel_id, kind)) = channel {
        log(&tx, claimed, &line, now)?;
        // A code goes to a value that is yet to be proved: its refusal says nothing of the one that is in use.
        if outcome.verdict == Verdict::Gone
            && kind != "verification"
            && disable(&tx, claimed, channel_id, &outcome.detail)?
        {
            let target = Target::Channel(channel_id);
            let event = Event::new(claimed.organization_id, Action::ChannelDisabled, target);
            return tx.commit(&by, now, event, ());
        }
    }
    tx.commit(&by, now, Event::upkeep(), ())
}

/// A code lives for ten minutes; everything else for days.
fn expires_soon(claimed: &Claimed, now: Timestamp) -> bool {
    claimed.expires_at.duration_since(now) <= SignedDuration::from_mins(10)
}

/// The channel that the message goes to, and what kind of message it is. A channel that was deleted has no log.
fn channel(tx: &Tx<'_>, claimed: &Claimed) -> Result<Option<(ChannelId, String)>, db::Error> {
    tx.fetch_optional(
        "select channel_id, kind from delivery where organization_id = $1 and delivery_id = $2",
        (claimed.organization_id, claimed.delivery_id),
    )
}

fn log(tx: &Tx<'_>, claimed: &Claimed, line: &Line<'_>, now: Timestamp) -> Result<(), db::Error> {
    let latency = i64::try_from(line.made.latency.as_millis()).unwrap_or(i64::MAX);
    tx.execute(
        "insert into delivery_attempt (organization_id, delivery_id, attempt, at, outcome, response_status,
                                       latency_ms, detail, answer)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        (
            claimed.organization_id,
            claimed.delivery_id,
            claimed.attempts,
            now,
            line.outcome,
            line.made.response_status.map(i64::from),
            latency,
            &line.made.detail,
            line.made.answer.as_deref(),
        ),
    )?;
    tx.execute(
        "update delivery set status = $3, finished_at = $4 where organization_id = $1 and delivery_id = $2",
        (claimed.organization_id, claimed.delivery_id, line.status, (line.status != "queued").then_some(now)),
    )?;
    Ok(())
}

/// The receiver asked us to stop. Says whether that switched anything off.
fn disable(tx: &Tx<'_>, claimed: &Claimed, channel_id: ChannelId, reason: &str) -> Result<bool, db::Error> {
    let changed = tx.execute(
        "update notification_channel set enabled = $3, disabled_reason = $4, version = version + 1
         where organization_id = $1 and channel_id = $2 and verified_at is not null and enabled",
        (claimed.organization_id, channel_id, false, reason),
    )?;
    Ok(changed == 1)
}

fn keep(tx: &Tx<'_>, claimed: &Claimed, envelope: &Envelope, now: Timestamp) -> Result<(), db::Error> {
    let (recipient, body) = match &envelope.receiver {
        Receiver::Email { address } => (address, &envelope.message.text),
        Receiver::Sms { number } => (number, &envelope.message.short),
        Receiver::Phone { number } => (number, &envelope.message.spoken),
        Receiver::Webhook { url, .. } => (url, &envelope.message.event),
    };
    let html = matches!(envelope.receiver, Receiver::Email { .. }).then_some(envelope.message.html.as_str());
    tx.execute(
        "insert into mailbox_message (message_id, customer_id, transport, recipient, subject, body, html, created_at)
         select delivery_id, customer_id, $2, $3, $4, $5, $6, $7 from outbox where delivery_id = $1",
        (
            claimed.delivery_id.uuid(),
            envelope.receiver.transport().as_str(),
            recipient,
            &envelope.message.subject,
            body,
            html,
            now,
        ),
    )?;
    Ok(())
}
