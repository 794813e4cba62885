//! Where a message goes: the kind of transport and the receiver's address on it.

use std::fmt;

use serde::{Deserialize, Serialize};

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
    /// Slack's incoming webhooks, and what speaks their language.
    Slack,
    /// Microsoft Teams' workflows.
    MsTeams,
    /// Discord's webhooks.
    Discord,
    /// Telegram's Bot API.
    Telegram,
    /// PagerDuty's Events API v2.
    PagerDuty,
    /// A topic on an ntfy server.
    Ntfy,
    /// Web Push to a browser.
    Push,
}

impl Transport {
    /// Its name in records: `email`, `sms`, …, `push-notification`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Phone => "phone",
            Self::Webhook => "webhook",
            Self::Slack => "slack",
            Self::MsTeams => "ms-teams",
            Self::Discord => "discord",
            Self::Telegram => "telegram",
            Self::PagerDuty => "pagerduty",
            Self::Ntfy => "ntfy",
            Self::Push => "push-notification",
        }
    }
}

/// One receiver. Its `Debug` shows the transport alone: an address is personal, a URL may carry a secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "transport", content = "to", rename_all = "snake_case")]
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
    /// The URL of an incoming webhook.
    Slack(String),
    /// The URL of a workflow.
    MsTeams(String),
    /// The URL of a webhook, `…/api/webhooks/{id}/{token}`; its query may name a thread.
    Discord(String),
    /// A chat that a bot writes to.
    Telegram {
        /// The bot's token, `digits:letters`.
        token: String,
        /// The chat's number, negative for groups, or `@name` of a public channel.
        chat: String,
    },
    /// The routing key of an integration.
    PagerDuty(String),
    /// The URL of a topic, `https://server/topic`.
    Ntfy(String),
    /// A browser's subscription (W3C Push API).
    Push(Subscription),
}

/// A push subscription of a browser.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The URL at the push service.
    pub endpoint: String,
    /// The browser's public key: base64url of an uncompressed point on P-256, 65 octets.
    pub p256dh: String,
    /// The shared secret: base64url of 16 octets.
    pub auth: String,
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
            Self::Slack(_) => Transport::Slack,
            Self::MsTeams(_) => Transport::MsTeams,
            Self::Discord(_) => Transport::Discord,
            Self::Telegram { .. } => Transport::Telegram,
            Self::PagerDuty(_) => Transport::PagerDuty,
            Self::Ntfy(_) => Transport::Ntfy,
            Self::Push(_) => Transport::Push,
        }
    }

    /// The receiver's address: where the message goes on its transport.
    #[must_use]
    pub fn address(&self) -> &str {
        match self {
            Self::Email(to) | Self::Sms(to) | Self::Phone(to) | Self::PagerDuty(to) => to,
            Self::Slack(url)
            | Self::MsTeams(url)
            | Self::Discord(url)
            | Self::Ntfy(url)
            | Self::Webhook { url, .. } => url,
            Self::Telegram { chat, .. } => chat,
            Self::Push(subscription) => &subscription.endpoint,
        }
    }
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}(…)", self.transport())
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_address_nor_secret() {
        let secret = || "https://example.com/secret-path".to_owned();
        let all = [
            Destination::Email("ada@example.com".into()),
            Destination::Sms("+15550001111".into()),
            Destination::Phone("+15550001111".into()),
            Destination::Webhook { url: secret(), secrets: vec!["whsec_AAAA".into()] },
            Destination::Slack(secret()),
            Destination::MsTeams(secret()),
            Destination::Discord(secret()),
            Destination::Ntfy(secret()),
            Destination::Telegram { token: "15550001111:AAAA".into(), chat: "-1555".into() },
            Destination::PagerDuty("AAAA1555".into()),
            Destination::Push(Subscription {
                endpoint: secret(),
                p256dh: "AAAA".into(),
                auth: "AAAA".into(),
            }),
        ];
        for destination in all {
            let shown = format!("{destination:?}");
            for secret in ["ada", "1555", "secret-path", "AAAA", "example"] {
                assert!(!shown.contains(secret), "{shown}");
            }
            let text = serde_json::to_string(&destination).unwrap();
            assert_eq!(serde_json::from_str::<Destination>(&text).unwrap(), destination);
        }
    }
}
