//! Writes down what came of an attempt, if the lease still holds: the log, the next try, or the end.

use jiff::{SignedDuration, Timestamp};
use notify::{Destination, Outcome, Verdict};

use super::claim::Claimed;
use super::deliver::Ended;
use super::post::Envelope;
use super::{Owners, backoff, health};
use crate::app::App;
use crate::db::{self, Committed, Tx};
use crate::domain::event::{Action, By, Event, Target};
use crate::domain::id::{ChannelId, Id};

/// The channel that a message goes to.
pub(super) struct Receiving {
    pub(super) channel_id: ChannelId,
    /// What kind of message it is.
    pub(super) kind: String,
    /// Whether messages still go there.
    enabled: bool,
    /// Since when nothing has arrived there.
    pub(super) failing_since: Option<Timestamp>,
}

/// What the log says of an attempt.
struct Line<'a> {
    outcome: &'static str,
    status: &'static str,
    made: &'a Outcome,
}

/// Writes it down in one transaction.
pub(super) async fn mark(
    app: &App,
    owners: Owners,
    claimed: &Claimed,
    ended: Ended,
) -> Result<(), db::Error> {
    let now = app.now();
    let random = u64::from_be_bytes(app.random());
    let (app, claimed) = (app.clone(), claimed.clone());
    let db = app.db.clone();
    db.write(move |tx| write(tx, &app, owners, &claimed, &ended, random, now)).await
}

fn write(
    tx: Tx<'_>,
    app: &App,
    owners: Owners,
    claimed: &Claimed,
    ended: &Ended,
    random: u64,
    now: Timestamp,
) -> Result<Committed<()>, db::Error> {
    let by = By::service("outbox");
    // Takes the row: a lease that has run out may be taken over at this very moment.
    let held = tx.execute(
        "update outbox set lease = lease where delivery_id = $1 and lease = $2",
        (claimed.delivery_id, claimed.lease),
    )?;
    if held == 0 {
        // The lease ran out and another worker has the message: what came of this attempt is no longer ours to say.
        return tx.commit(&by, now, Event::upkeep(), ());
    }
    let outcome = &ended.outcome;
    if let Some(envelope) = &ended.kept {
        keep(&tx, claimed, envelope, now)?;
    }
    let channel = receiving(&tx, claimed)?;
    let again = next_try(claimed, outcome, channel.as_ref(), random, now);
    match again {
        Some(due) => tx.execute(
            "update outbox set due_at = $2, attempts = attempts + 1, lease = null where delivery_id = $1",
            (claimed.delivery_id, due),
        )?,
        None => tx.execute("delete from outbox where delivery_id = $1", (claimed.delivery_id,))?,
    };
    let Some(channel) = channel else { return tx.commit(&by, now, Event::upkeep(), ()) };
    let line = match (&outcome.verdict, again) {
        (Verdict::Delivered, _) => Line { outcome: "delivered", status: "delivered", made: outcome },
        (_, Some(_)) => Line { outcome: "retry", status: "queued", made: outcome },
        (_, None) => Line { outcome: "failed", status: "failed", made: outcome },
    };
    log(&tx, claimed, &channel, &line, now)?;
    // A code goes to a value that is yet to be proved; the one in use may be another chat.
    if let Some(address) = outcome.moved_to.as_ref().filter(|_| channel.kind != "verification") {
        (owners.moved)(&tx, app, claimed.organization_id, channel.channel_id, address)?;
    }
    let disabled = ended.made
        && match health::judge(&tx, claimed, &channel, outcome, now)? {
            Some(reason) => health::disable(&tx, app, owners, claimed, &channel, &reason, now)?,
            None => false,
        };
    let event = if disabled {
        Event::new(claimed.organization_id, Action::ChannelDisabled, Target::Channel(channel.channel_id))
    } else {
        Event::upkeep()
    };
    tx.commit(&by, now, event, ())
}

/// When to try again; never where it is of no use any more.
fn next_try(
    claimed: &Claimed,
    outcome: &Outcome,
    channel: Option<&Receiving>,
    random: u64,
    now: Timestamp,
) -> Option<Timestamp> {
    let Verdict::Retry { after } = outcome.verdict else { return None };
    // Switched off while the attempt was made: codes and tests alone go on.
    if channel.is_some_and(|channel| !channel.enabled && health::needs_enabled(&channel.kind)) {
        return None;
    }
    let code = channel.is_some_and(|channel| channel.kind == "verification") || expires_soon(claimed, now);
    backoff::wait(claimed.attempts + 1, code, after, random)
        .and_then(|wait| SignedDuration::try_from(wait).ok())
        .map(|wait| now + wait)
        .filter(|due| *due < claimed.expires_at)
}

/// A code lives for ten minutes; everything else for days.
fn expires_soon(claimed: &Claimed, now: Timestamp) -> bool {
    claimed.expires_at.duration_since(now) <= SignedDuration::from_mins(10)
}

/// The channel that the message goes to. One that was deleted has no log.
fn receiving(tx: &Tx<'_>, claimed: &Claimed) -> Result<Option<Receiving>, db::Error> {
    let row: Option<(ChannelId, String, bool, Option<Timestamp>)> = tx.fetch_optional(
        "select channel.channel_id, delivery.kind, channel.enabled, channel.failing_since
         from delivery
         join notification_channel channel on channel.organization_id = delivery.organization_id
              and channel.channel_id = delivery.channel_id
         where delivery.organization_id = $1 and delivery.delivery_id = $2",
        (claimed.organization_id, claimed.delivery_id),
    )?;
    Ok(row.map(|(channel_id, kind, enabled, failing_since)| Receiving {
        channel_id,
        kind,
        enabled,
        failing_since,
    }))
}

fn log(
    tx: &Tx<'_>,
    claimed: &Claimed,
    channel: &Receiving,
    line: &Line<'_>,
    now: Timestamp,
) -> Result<(), db::Error> {
    let latency = i64::try_from(line.made.latency.as_millis()).unwrap_or(i64::MAX);
    // Numbered by the log itself: a message that is tried again by hand goes on counting where it was.
    tx.execute(
        "insert into delivery_attempt (organization_id, delivery_id, attempt, at, outcome, response_status,
                                       latency_ms, detail, answer)
         values ($1, $2, (select coalesce(max(attempt), 0) + 1 from delivery_attempt
                          where organization_id = $1 and delivery_id = $2), $3, $4, $5, $6, $7, $8)",
        (
            claimed.organization_id,
            claimed.delivery_id,
            now,
            line.outcome,
            line.made.response_status.map(i64::from),
            latency,
            &line.made.detail,
            line.made.answer.as_deref(),
        ),
    )?;
    // What has failed can be tried again by hand. A code cannot: it is of no use by then.
    let kept = (line.status == "failed" && channel.kind != "verification").then_some(&claimed.sealed);
    tx.execute(
        "update delivery set status = $3, finished_at = $4, message_sealed = $5
         where organization_id = $1 and delivery_id = $2",
        (
            claimed.organization_id,
            claimed.delivery_id,
            line.status,
            (line.status != "queued").then_some(now),
            kept,
        ),
    )?;
    Ok(())
}

fn keep(tx: &Tx<'_>, claimed: &Claimed, envelope: &Envelope, now: Timestamp) -> Result<(), db::Error> {
    let message = &envelope.message;
    let body = match envelope.receiver {
        Destination::Sms(_) => &message.short,
        Destination::Phone(_) => &message.spoken,
        Destination::Webhook { .. } => &message.event,
        _ => &message.text,
    };
    let html = matches!(envelope.receiver, Destination::Email(_)).then_some(message.html.as_str());
    tx.execute(
        "insert into mailbox_message (message_id, customer_id, transport, recipient, subject, body, html, created_at)
         select delivery_id, customer_id, $2, $3, $4, $5, $6, $7 from outbox where delivery_id = $1",
        (
            claimed.delivery_id.uuid(),
            envelope.receiver.transport().as_str(),
            envelope.receiver.address(),
            &message.subject,
            body,
            html,
            now,
        ),
    )?;
    Ok(())
}
