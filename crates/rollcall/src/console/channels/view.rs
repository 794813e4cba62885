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

impl Channel {
    /// The icon of its type.
    pub(in crate::console) fn icon(&self) -> &'static str {
        icon(&self.kind)
    }

    /// Its type in the reader's words.
    pub(in crate::console) fn type_name<'a>(&'a self, t: &'a Texts) -> &'a str {
        t.named("type", &self.kind)
    }

    /// Its value in a line: a browser's subscription by the service that delivers to it.
    pub(in crate::console) fn value(&self) -> String {
        shown(&self.kind, &self.value)
    }

    /// The value that waits for its code, in a line.
    pub(super) fn pending(&self) -> Option<String> {
        self.pending_value.as_ref().map(|value| shown(&self.kind, value))
    }

    /// The value to begin a change with; what is a secret, or made by a browser, is typed anew.
    pub(super) fn editable(&self) -> &str {
        if matches!(self.kind.as_str(), "email" | "sms" | "phone") { &self.value } else { "" }
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

fn shown(kind: &str, value: &str) -> String {
    let host = |url: &str| url.split('/').nth(2).map(str::to_owned);
    let text = match kind {
        "push-notification" => serde_json::from_str::<serde_json::Value>(value)
            .ok()
            .and_then(|subscription| host(subscription["endpoint"].as_str()?))
            .unwrap_or_else(|| value.to_owned()),
        _ => value.to_owned(),
    };
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST).chain(['…']).collect() }
}
