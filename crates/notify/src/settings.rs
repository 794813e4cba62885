//! What the operator decides: servers, the guard's rules, and the bounds of an attempt.

use std::time::Duration;

use url::Url;

use crate::web_push::VapidKey;
use crate::{GuardRules, SmtpServer, TwilioAccount};

/// Everything a [`crate::Notifier`] is made from. The default sends over the web alone, under the strictest guard, and
/// to the providers' own servers.
#[derive(Debug)]
pub struct Settings {
    /// The mail server, if mail is to be sent.
    pub smtp: Option<SmtpServer>,
    /// Who mail comes from, as a header mailbox: `Rollcall <rollcall@example.com>`. Needed with `smtp`.
    pub mail_from: Option<String>,
    /// The gateway for text messages.
    pub sms: Option<TwilioAccount>,
    /// The gateway for calls.
    pub phone: Option<TwilioAccount>,
    /// Base of Telegram's Bot API; `/bot{token}/sendMessage` is appended.
    pub telegram: Url,
    /// Base of PagerDuty's Events API; `/v2/enqueue` is appended.
    pub pagerduty: Url,
    /// The key that push services know this server by; without it nothing is pushed.
    pub vapid: Option<VapidKey>,
    /// What customers' URLs may point at.
    pub guard: GuardRules,
    /// Limits of one attempt.
    pub bounds: Bounds,
}

impl Default for Settings {
    fn default() -> Self {
        let own = |url| Url::parse(url).expect("a provider's URL parses");
        Self {
            smtp: None,
            mail_from: None,
            sms: None,
            phone: None,
            telegram: own("https://api.telegram.org"),
            pagerduty: own("https://events.pagerduty.com"),
            vapid: None,
            guard: GuardRules::default(),
            bounds: Bounds::default(),
        }
    }
}

/// Limits of one attempt; they hold whatever the receiver does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Looking up a name, connecting and agreeing on TLS: 5 s.
    pub connect: Duration,
    /// The whole attempt: 20 s.
    pub total: Duration,
    /// Reading the body of an answer whose status is known already: 5 s. Whoever drips it holds us no longer.
    pub answer: Duration,
    /// Octets read of an answer's body: 64 KiB. The rest is left unread and the connection closed.
    pub answer_bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(20),
            answer: Duration::from_secs(5),
            answer_bytes: 64 * 1024,
        }
    }
}

/// Settings that cannot work together. Never quotes a secret.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SettingsError {
    /// `smtp` without `mail_from`.
    #[error("a mail server is set but no sender: mail needs a From address")]
    MailFromMissing,
    /// `mail_from` does not parse.
    #[error("the sender of mail is not an address like \"Rollcall <rollcall@example.com>\"")]
    MailFromMalformed,
    /// TLS could not be set up: the library refuses, or an added root certificate is malformed.
    #[error("TLS cannot be set up")]
    Tls,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_bounded_as_the_documents_say_unless_somebody_says_otherwise() {
        let promised = Bounds {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(20),
            answer: Duration::from_secs(5),
            answer_bytes: 65_536,
        };
        assert_eq!(Bounds::default(), promised);
        assert_eq!(Settings::default().bounds, promised);
    }
}
