//! A channel as pages show it.

use serde::Deserialize;

use crate::console::texts::Texts;
use crate::console::times::Time;

/// A notification channel.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::console) struct Channel {
    pub(in crate::console) priority: u16,
    #[serde(rename = "type")]
    pub(in crate::console) kind: String,
    value: String,
    pub(super) pending_value: Option<String>,
    pub(in crate::console) status: String,
    pub(super) enabled: bool,
    pub(super) verified: bool,
    pub(super) disabled_reason: Option<String>,
    pub(super) created_at: Time,
    pub(super) verified_at: Option<Time>,
    pub(in crate::console) last_delivery: Option<LastDelivery>,
}

/// The newest message to it.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::console) struct LastDelivery {
    pub(in crate::console) kind: String,
    pub(in crate::console) status: String,
    pub(in crate::console) at: Time,
}

/// The longest value that is shown in a line.
const LONGEST: usize = 72;
/// Stands for what is left out.
const MASK: char = '…';
/// Keeps what follows on the same line (U+2060, WORD JOINER).
const JOINER: char = '\u{2060}';
/// Where a line may end instead (U+200B, ZERO WIDTH SPACE).
const BREAK: char = '\u{200b}';
/// So many characters of a secret are shown, enough to tell two apart, and none of one that is not three times as long.
const TOLD: usize = 4;

impl Channel {
    /// The icon of its type.
    pub(in crate::console) fn icon(&self) -> &'static str {
        icon(&self.kind)
    }

    /// Its type in the reader's words.
    pub(in crate::console) fn type_name<'a>(&'a self, t: &'a Texts) -> &'a str {
        t.named("type", &self.kind)
    }

    /// Its value in a line, without what is secret in it: see [`shown`].
    pub(in crate::console) fn value(&self) -> String {
        shown(&self.kind, &self.value)
    }

    /// The same as what stands for the channel: with the name of its type where there is nothing but the end of a secret.
    pub(in crate::console) fn title(&self, t: &Texts) -> String {
        let value = self.value();
        if value.starts_with(MASK) { format!("{} {value}", self.type_name(t)) } else { value }
    }

    /// The whole value where [`Self::value`] leaves something out of it that who looks may know.
    pub(super) fn whole(&self) -> Option<&str> {
        (self.is_secret() && !self.value.contains(MASK)).then_some(self.value.as_str())
    }

    /// The value that waits for its code, in a line.
    pub(super) fn pending(&self) -> Option<String> {
        self.pending_value.as_ref().map(|value| shown(&self.kind, value))
    }

    /// The value to begin a change with; what is a secret, or made by a browser, is typed anew.
    pub(super) fn editable(&self) -> &str {
        if self.is_secret() { "" } else { &self.value }
    }

    /// Whether there is something in its value that lists do not show.
    fn is_secret(&self) -> bool {
        !matches!(self.kind.as_str(), "email" | "sms" | "phone")
    }

    /// The look of its badge.
    pub(in crate::console) fn tone(&self) -> &'static str {
        match self.status.as_str() {
            "active" => "good",
            "pending" => "warn",
            _ if self.disabled_reason.is_some() => "bad",
            _ => "",
        }
    }

    /// Whether messages reach somebody through it.
    pub(in crate::console) fn is_active(&self) -> bool {
        self.status == "active"
    }

    /// Whether a code is awaited.
    pub(super) fn awaits_code(&self) -> bool {
        !self.verified || self.pending_value.is_some()
    }

    /// What is wrong with one that is [`Self::failing`].
    pub(in crate::console) fn trouble<'a>(&self, t: &'a Texts) -> &'a str {
        t.of(if self.disabled_reason.is_some() { "home.switched_off" } else { "home.failing" })
    }

    /// Whether the newest message did not get through.
    pub(in crate::console) fn failing(&self) -> bool {
        self.disabled_reason.is_some()
            || self.last_delivery.as_ref().is_some_and(|delivery| delivery.status == "failed")
    }
}

/// The icon of a type.
pub(in crate::console) fn icon(kind: &str) -> &'static str {
    match kind {
        "email" => "mail",
        "sms" => "message-square",
        "phone" => "phone",
        "webhook" => "webhook",
        "slack" => "hash",
        "ms-teams" => "users",
        "discord" => "message-circle",
        "telegram" => "send",
        "pagerduty" => "siren",
        "ntfy" => "megaphone",
        _ => "bell",
    }
}

/// A value as everybody around may see it: of a URL the host and the last characters, of a bot's token or a key the last
/// ones, of a browser's subscription the service that delivers to it.
fn shown(kind: &str, value: &str) -> String {
    match kind {
        "email" | "sms" | "phone" => cut(value),
        "push-notification" => {
            let subscription: Option<serde_json::Value> = serde_json::from_str(value).ok();
            let endpoint = subscription.as_ref().and_then(|known| known["endpoint"].as_str());
            cut(endpoint.and_then(host).unwrap_or_default())
        }
        "telegram" => match value.rsplit_once('@') {
            Some((token, chat)) => cut(&format!("{}@{chat}", ending(token))),
            None => ending(value),
        },
        "pagerduty" => ending(value),
        _ => match host(value) {
            Some(host) => {
                let path = value.split_once(host).map_or("", |(_, path)| path.trim_start_matches('/'));
                if path.is_empty() { cut(host) } else { cut(&format!("{host}/{BREAK}{}", ending(path))) }
            }
            None => ending(value),
        },
    }
}

fn host(url: &str) -> Option<&str> {
    url.split('/').nth(2)
}

fn ending(secret: &str) -> String {
    let count = secret.chars().count();
    let told = if count >= 3 * TOLD { TOLD } else { 0 };
    let rest = secret.chars().skip(count - told).filter(|letter| *letter != MASK);
    let rest: String = rest.collect();
    if rest.is_empty() { MASK.to_string() } else { format!("{MASK}{JOINER}{rest}") }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        text.to_owned()
    } else {
        text.chars().take(LONGEST).chain([MASK]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{BREAK, JOINER, shown};

    #[test]
    fn a_line_tells_where_a_channel_leads_and_no_secret() {
        for (kind, value, line) in [
            ("email", "ops@example.com", "ops@example.com"),
            ("webhook", "https://hooks.example.com/in/8f2c9a41d7?key=5b1e", "hooks.example.com/…5b1e"),
            ("webhook", "https://hooks.example.com/in", "hooks.example.com/…"),
            ("webhook", "https://hooks.example.com", "hooks.example.com"),
            ("slack", "https://hooks.slack.example/…", "hooks.slack.example/…"),
            ("telegram", "123456:AAExampleExample@-100123", "…mple@-100123"),
            ("telegram", "…@-100123", "…@-100123"),
            ("pagerduty", "0123456789abcdef0123456789abcdef", "…cdef"),
            ("pagerduty", "…", "…"),
            ("push-notification", r#"{"endpoint":"https://push.example.com/x/y"}"#, "push.example.com"),
        ] {
            assert_eq!(shown(kind, value).replace([JOINER, BREAK], ""), line, "{kind} {value}");
        }
    }
}
