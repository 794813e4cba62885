//! What a notification is made of: its title, what holds repetitions back, and where it leads.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::invalid::Invalid;
use super::line;
use super::schema::{LINE, text, text_like};
use super::web_address::WebAddress;

/// The title: one line of 1 to 200 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(String);

/// Names what a notification is about: the same key is sent once within a day. One line of 1 to 255 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DedupKey(String);

/// Where a notification leads: an `http` or `https` URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url(WebAddress);

impl Title {
    const LONGEST: usize = 200;

    /// Trims and checks it.
    ///
    /// # Errors
    /// `too_short`, `too_long`, `character_refused`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        line::parse(text, Self::LONGEST).map(Self)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl DedupKey {
    const LONGEST: usize = 255;

    /// Trims and checks it. Letter case counts.
    ///
    /// # Errors
    /// `too_short`, `too_long`, `character_refused`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        line::parse(text, Self::LONGEST).map(Self)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Url {
    /// Reads it.
    ///
    /// # Errors
    /// `url_invalid`, `too_long`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        WebAddress::parse(text).map(Self)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl ToSchema for Title {
    fn name() -> std::borrow::Cow<'static, str> {
        "NotificationTitle".into()
    }
}
impl PartialSchema for Title {
    fn schema() -> RefOr<Schema> {
        text_like(LINE, 1, Self::LONGEST, "What happened, in one line.", "Checkout API is down")
    }
}

impl ToSchema for DedupKey {}
impl PartialSchema for DedupKey {
    fn schema() -> RefOr<Schema> {
        text_like(
            LINE,
            1,
            Self::LONGEST,
            "Names what this is about: the same key is sent once within a day.",
            "checkout-api/42",
        )
    }
}

impl ToSchema for Url {
    fn name() -> std::borrow::Cow<'static, str> {
        "NotificationUrl".into()
    }
}
impl PartialSchema for Url {
    fn schema() -> RefOr<Schema> {
        text(1, 2_048, "Where to read more: an http or https URL.", "https://status.example.com/incidents/42")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notification_leads_to_the_web_or_nowhere() {
        assert!(Url::parse("https://status.example.com/42").is_ok());
        for text in ["javascript:alert(1)", "ftp://example.com/", "/incidents/42", "mailto:a@example.com", ""]
        {
            assert!(Url::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn title_and_key_are_one_line() {
        assert_eq!(Title::parse(" Down ").map(|title| title.as_str().to_owned()).as_deref(), Ok("Down"));
        assert!(Title::parse("a\nb").is_err() && Title::parse(&"x".repeat(201)).is_err());
        assert!(DedupKey::parse("").is_err() && DedupKey::parse(&"x".repeat(255)).is_ok());
    }
}
