//! One attempt: opens the envelope and hands the message to its transport, or keeps it in the built-in mailbox.

use std::time::Duration;

use notify::{Destination, Verdict};

use super::claim::Claimed;
use super::post::{Envelope, context};
use crate::app::App;
use crate::domain::id::DeliveryId;
use crate::domain::phone_number::PhoneNumber;
use crate::domain::severity::Severity;
use crate::messages::{Link, Rendered};
use crate::telemetry::metrics;

/// What came of an attempt.
pub(super) enum Attempt {
    /// A transport answered.
    Made(notify::Outcome),
    /// It goes to the built-in mailbox, with its result.
    Kept(Envelope),
    /// It was not made: the message is of no use any more.
    Expired,
    /// It was not made: the operator lets nothing go to the number's country.
    OutOfReach,
    /// It cannot be made: the keys that sealed the message are gone.
    Unreadable,
}

/// Makes the attempt.
pub(super) async fn attempt(app: &App, claimed: &Claimed) -> Attempt {
    if claimed.expires_at <= app.now() {
        return Attempt::Expired;
    }
    let opened = app.keys.open(&context(claimed.delivery_id), &claimed.sealed);
    let Some(envelope) = opened.and_then(|bytes| serde_json::from_slice::<Envelope>(&bytes).ok()) else {
        return Attempt::Unreadable;
    };
    let now = app.now();
    let lifetime = claimed.expires_at.duration_since(now).try_into().unwrap_or(Duration::ZERO);
    if let Some(stage) = &app.transports.stage {
        let message = message(claimed.delivery_id, envelope.message.clone(), lifetime);
        let outcome = stage.receive(&envelope.receiver, &message);
        return outcome.map_or(Attempt::Kept(envelope), Attempt::Made);
    }
    if let Destination::Sms(number) | Destination::Phone(number) = &envelope.receiver
        && PhoneNumber::parse(number).and_then(|number| app.policy.may_reach(&number)).is_err()
    {
        return Attempt::OutOfReach;
    }
    let transport = envelope.receiver.transport().as_str();
    if !app.transports.notifier.can_send(envelope.receiver.transport()) && app.transports.mailbox {
        metrics::attempted(transport, "kept", Duration::ZERO);
        return Attempt::Kept(envelope);
    }
    let message = message(claimed.delivery_id, envelope.message, lifetime);
    let outcome = app.transports.notifier.deliver(&envelope.receiver, &message, now).await;
    metrics::attempted(transport, word(&outcome.verdict), outcome.latency);
    Attempt::Made(outcome)
}

/// The message as transports take it.
fn message(delivery_id: DeliveryId, rendered: Rendered, lifetime: Duration) -> notify::Message {
    let severity = match rendered.severity {
        Severity::Info => notify::Severity::Info,
        Severity::Warning => notify::Severity::Warning,
        Severity::Critical => notify::Severity::Critical,
    };
    notify::Message {
        id: delivery_id.to_string(),
        title: rendered.subject.clone(),
        subject: rendered.subject,
        text: rendered.text,
        html: Some(rendered.html),
        short: rendered.short,
        spoken: rendered.spoken,
        event: rendered.event,
        body: rendered.body,
        severity,
        link: rendered.link.map(|Link { label, url }| notify::Link { label, url }),
        lifetime,
    }
}

/// A verdict as a label.
fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Delivered => "delivered",
        Verdict::Retry { .. } => "retry",
        Verdict::Refused => "refused",
        Verdict::Gone => "gone",
    }
}

/// An attempt that is over.
pub(super) struct Ended {
    pub(super) outcome: notify::Outcome,
    /// What goes to the built-in mailbox.
    pub(super) kept: Option<Envelope>,
    /// Whether anybody was asked: else it says nothing of the receiver.
    pub(super) made: bool,
}

impl Attempt {
    /// The result as it is written down: of the mailbox, at once and always good.
    pub(super) fn ended(self) -> Ended {
        let unmade = |verdict, detail: &str| notify::Outcome {
            verdict,
            response_status: None,
            answer: None,
            detail: detail.to_owned(),
            latency: Duration::ZERO,
            moved_to: None,
        };
        let refused = |detail| Ended { outcome: unmade(Verdict::Refused, detail), kept: None, made: false };
        match self {
            Self::Made(outcome) => Ended { outcome, kept: None, made: true },
            Self::Kept(envelope) => {
                let outcome = unmade(Verdict::Delivered, "Kept in the built-in mailbox.");
                Ended { outcome, kept: Some(envelope), made: true }
            }
            Self::Expired => refused("It expired before it could be delivered."),
            Self::OutOfReach => refused("This server sends no texts and calls to numbers of this country."),
            Self::Unreadable => refused("It cannot be read any more: its secret key is gone."),
        }
    }
}
