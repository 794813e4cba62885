//! How much a message matters.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::invalid::Invalid;

/// How much a message matters, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know. Codes, tests and notices are this.
    Info,
    /// Look at it soon.
    Warning,
    /// Look at it now.
    Critical,
}

impl Severity {
    const WORDS: &[&str] = &["info", "warning", "critical"];

    /// The word of the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// Reads the word.
    ///
    /// # Errors
    /// `severity_unknown`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "info" => Ok(Self::Info),
            "warning" => Ok(Self::Warning),
            "critical" => Ok(Self::Critical),
            _ => Err(Invalid::new("severity_unknown", "Give one of info, warning, critical.")),
        }
    }
}

impl ToSchema for Severity {}
impl PartialSchema for Severity {
    fn schema() -> RefOr<Schema> {
        super::schema::words(Self::WORDS, "How much it matters.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_as_it_is_written() {
        for word in Severity::WORDS {
            assert_eq!(Severity::parse(word).map(Severity::as_str), Ok(*word));
        }
        assert!(Severity::parse("CRITICAL").is_err());
    }
}
