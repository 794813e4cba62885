//! The types of notification channels.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::invalid::Invalid;

/// A type, by which messages reach their receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelType {
    /// Mail.
    Email,
    /// Text messages.
    Sms,
    /// Calls.
    Phone,
    /// Signed POSTs to a URL.
    Webhook,
    /// Slack's incoming webhooks.
    Slack,
    /// Microsoft Teams workflows.
    MsTeams,
    /// Discord's webhooks.
    Discord,
    /// A Telegram bot's chat.
    Telegram,
    /// PagerDuty's events.
    PagerDuty,
    /// ntfy topics.
    Ntfy,
    /// Web Push to a browser.
    PushNotification,
}

impl ChannelType {
    /// Every type, in the order in which they are offered.
    pub const ALL: [Self; 11] = [
        Self::Email,
        Self::Sms,
        Self::Phone,
        Self::Webhook,
        Self::Slack,
        Self::MsTeams,
        Self::Discord,
        Self::Telegram,
        Self::PagerDuty,
        Self::Ntfy,
        Self::PushNotification,
    ];

    /// The word of the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
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
            Self::PushNotification => "push-notification",
        }
    }

    /// Reads the word.
    ///
    /// # Errors
    /// `type_unknown`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|known| known.as_str() == text).ok_or_else(|| {
            let words: Vec<_> = Self::ALL.into_iter().map(Self::as_str).collect();
            Invalid::new("type_unknown", format!("Give one of {}.", words.join(", ")))
        })
    }
}

impl serde::Serialize for ChannelType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl ToSchema for ChannelType {}
impl PartialSchema for ChannelType {
    fn schema() -> RefOr<Schema> {
        super::schema::words(&Self::ALL.map(Self::as_str), "By what a channel reaches its receiver.")
    }
}
