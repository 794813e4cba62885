//! What became of one attempt.

use std::time::Duration;

/// The result of one attempt to deliver. It carries no secret and no whole address, so that it may be stored and shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What to do next.
    pub verdict: Verdict,
    /// The receiver's status: HTTP's for webhooks and gateways, the reply code for mail. `None` where nobody answered.
    pub response_status: Option<u16>,
    /// The receiver's own words: at most 500 characters, control characters replaced, secrets, codes and the
    /// destination masked by `…`. `None` where there were none.
    pub answer: Option<String>,
    /// One short sentence for people, in our words.
    pub detail: String,
    /// How long the attempt took, by the monotonic clock.
    pub latency: Duration,
    /// The new id of a Telegram chat that moved (a group that became a supergroup). The attempt has followed it; later
    /// messages must go there at once.
    pub moved_to: Option<String>,
}

/// What an attempt means for the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The receiver took it.
    Delivered,
    /// It may work later.
    Retry {
        /// How long the receiver asked to wait (`Retry-After`), as it said it: the caller caps it.
        after: Option<Duration>,
    },
    /// It will never work: do not try again.
    Refused,
    /// The receiver asked for an end (HTTP 410, an SMS "STOP"): stop using this destination.
    Gone,
}

impl Outcome {
    /// An outcome without an answer; the latency is filled in by the notifier.
    pub(crate) fn new(verdict: Verdict, detail: impl Into<String>) -> Self {
        Self {
            verdict,
            response_status: None,
            answer: None,
            detail: detail.into(),
            latency: Duration::ZERO,
            moved_to: None,
        }
    }

    pub(crate) fn refused(detail: impl Into<String>) -> Self {
        Self::new(Verdict::Refused, detail)
    }

    pub(crate) fn retry(detail: impl Into<String>) -> Self {
        Self::new(Verdict::Retry { after: None }, detail)
    }

    pub(crate) fn answered(mut self, status: u16, answer: Option<String>) -> Self {
        self.response_status = Some(status);
        self.answer = answer;
        self
    }
}
