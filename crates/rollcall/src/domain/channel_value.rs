//! Where a channel leads: its value, parsed by its type.

use super::channel_type::ChannelType;
use super::email_address::EmailAddress;
use super::invalid::Invalid;
use super::ntfy_topic;
use super::phone_number::PhoneNumber;
use super::push_subscription::PushSubscription;
use super::routing_key::RoutingKey;
use super::telegram_chat::TelegramChat;
use super::web_address::WebAddress;

/// A value that fits its channel's type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelValue {
    /// Of `email`.
    Email(EmailAddress),
    /// Of `sms` and `phone`.
    Phone(PhoneNumber),
    /// Of `webhook`, `slack`, `ms-teams`, `discord` and `ntfy`.
    Web(WebAddress),
    /// Of `telegram`.
    Telegram(TelegramChat),
    /// Of `pagerduty`.
    PagerDuty(RoutingKey),
    /// Of `push-notification`.
    Push(Box<PushSubscription>),
}

impl ChannelValue {
    /// Reads a value of a type.
    ///
    /// # Errors
    /// What its type refuses.
    pub fn parse(kind: ChannelType, text: &str) -> Result<Self, Invalid> {
        match kind {
            ChannelType::Email => EmailAddress::parse(text).map(Self::Email),
            ChannelType::Sms | ChannelType::Phone => PhoneNumber::parse(text).map(Self::Phone),
            ChannelType::Webhook | ChannelType::Slack | ChannelType::MsTeams | ChannelType::Discord => {
                WebAddress::parse(text).map(Self::Web)
            }
            ChannelType::Ntfy => ntfy_topic::parse(text).map(Self::Web),
            ChannelType::Telegram => TelegramChat::parse(text).map(Self::Telegram),
            ChannelType::PagerDuty => RoutingKey::parse(text).map(Self::PagerDuty),
            ChannelType::PushNotification => {
                PushSubscription::parse(text).map(|subscription| Self::Push(Box::new(subscription)))
            }
        }
    }

    /// The text, secrets included.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(address) => address.as_str(),
            Self::Phone(number) => number.as_str(),
            Self::Web(address) => address.as_str(),
            Self::Telegram(chat) => chat.as_str(),
            Self::PagerDuty(key) => key.as_str(),
            Self::Push(subscription) => subscription.as_str(),
        }
    }

    /// Folded for comparison.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Email(address) => address.key(),
            Self::Phone(number) => number.as_str().to_owned(),
            Self::Web(address) => address.key().to_owned(),
            Self::Telegram(chat) => chat.key(),
            Self::PagerDuty(key) => key.key(),
            Self::Push(subscription) => subscription.key(),
        }
    }

    /// With its secret part masked. An address or a number has none.
    #[must_use]
    pub fn masked(&self) -> String {
        match self {
            Self::Email(_) | Self::Phone(_) => self.as_str().to_owned(),
            Self::Web(address) => address.masked(),
            Self::Telegram(chat) => chat.masked(),
            Self::PagerDuty(_) => "…".to_owned(),
            Self::Push(subscription) => subscription.masked(),
        }
    }

    /// The host that a message is posted to, where a person chose it. A push service has the browsers of everybody, and is chosen by them.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::Web(address) => Some(address.host()),
            Self::Email(_) | Self::Phone(_) | Self::Telegram(_) | Self::PagerDuty(_) | Self::Push(_) => None,
        }
    }

    /// The URL that a message is posted to, where a person chose it.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::Web(address) => Some(address.as_str()),
            Self::Push(subscription) => Some(subscription.endpoint()),
            Self::Email(_) | Self::Phone(_) | Self::Telegram(_) | Self::PagerDuty(_) => None,
        }
    }
}
