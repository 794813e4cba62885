//! Where a channel leads: its value, parsed by its type.

use super::channel_type::ChannelType;
use super::email_address::EmailAddress;
use super::invalid::Invalid;
use super::phone_number::PhoneNumber;
use super::web_address::WebAddress;

/// A value that fits its channel's type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelValue {
    /// Of `email`.
    Email(EmailAddress),
    /// Of `sms` and `phone`.
    Phone(PhoneNumber),
    /// Of `webhook`.
    Web(WebAddress),
}

impl ChannelValue {
    /// Reads a value of a type.
    ///
    /// # Errors
    /// What its type refuses; `type_unavailable` for types that this version does not send to.
    pub fn parse(kind: ChannelType, text: &str) -> Result<Self, Invalid> {
        match kind {
            ChannelType::Email => EmailAddress::parse(text).map(Self::Email),
            ChannelType::Sms | ChannelType::Phone => PhoneNumber::parse(text).map(Self::Phone),
            ChannelType::Webhook => WebAddress::parse(text).map(Self::Web),
            _ => Err(Invalid::new("type_unavailable", "This type is not available on this server.")),
        }
    }

    /// The text, secrets included.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(address) => address.as_str(),
            Self::Phone(number) => number.as_str(),
            Self::Web(address) => address.as_str(),
        }
    }

    /// Folded for comparison.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Email(address) => address.key(),
            Self::Phone(number) => number.as_str().to_owned(),
            Self::Web(address) => address.key().to_owned(),
        }
    }

    /// With its secret part masked. An address or a number has none.
    #[must_use]
    pub fn masked(&self) -> String {
        match self {
            Self::Email(_) | Self::Phone(_) => self.as_str().to_owned(),
            Self::Web(address) => address.masked(),
        }
    }
}
