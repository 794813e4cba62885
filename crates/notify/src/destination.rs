//! Where a message goes: the kind of transport and the receiver's address on it.

use std::fmt;

/// A way of reaching somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// Mail by SMTP.
    Email,
    /// A text message by the SMS gateway.
    Sms,
    /// A voice call by the voice gateway.
    Phone,
    /// A signed POST to a URL.
    Webhook,
}

impl Transport {
    /// Its name in records: `email`, `sms`, `phone`, `webhook`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Phone => "phone",
            Self::Webhook => "webhook",
        }
    }
}

/// One receiver. Its `Debug` shows the transport alone: an address is personal, a URL may carry a secret.
#[derive(Clone, PartialEq, Eq)]
pub enum Destination {
    /// An e-mail address, `local@domain`; the domain may be internationalized.
    Email(String),
    /// A number in E.164 form, `+` and digits.
    Sms(String),
    /// A number in E.164 form, `+` and digits.
    Phone(String),
    /// A URL and the secrets to sign with.
    Webhook {
        /// As the owner wrote it; the guard decides at every attempt.
        url: String,
        /// `whsec_…`, one signature for each: two during a rotation, never none.
        secrets: Vec<String>,
    },
}

impl Destination {
    /// The transport that this destination needs.
    #[must_use]
    pub fn transport(&self) -> Transport {
        match self {
            Self::Email(_) => Transport::Email,
            Self::Sms(_) => Transport::Sms,
            Self::Phone(_) => Transport::Phone,
            Self::Webhook { .. } => Transport::Webhook,
        }
    }
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}(…)", self.transport())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_address_nor_secret() {
        let all = [
            Destination::Email("ada@example.com".into()),
            Destination::Sms("+15550001111".into()),
            Destination::Phone("+15550001111".into()),
            Destination::Webhook {
                url: "https://example.com/secret-path".into(),
                secrets: vec!["whsec_AAAA".into()],
            },
        ];
        for destination in all {
            let shown = format!("{destination:?}");
            for secret in ["ada", "1555", "secret-path", "AAAA", "example"] {
                assert!(!shown.contains(secret), "{shown}");
            }
        }
    }
}
