//! Text of several lines, as people write it into a box.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::invalid::Invalid;
use super::schema::{LINES, SOME_LINES, text_like};

/// Text of `SHORTEST` to `LONGEST` characters (Unicode scalar values) after trimming, with plain line feeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreeText<const SHORTEST: usize, const LONGEST: usize>(String);

impl<const SHORTEST: usize, const LONGEST: usize> FreeText<SHORTEST, LONGEST> {
    /// Trims and checks it.
    ///
    /// # Errors
    /// `too_short`, `too_long`, `character_refused`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim().replace("\r\n", "\n");
        let length = text.chars().count();
        if length < SHORTEST {
            return Err(Invalid::new("too_short", format!("Give at least {SHORTEST} character.")));
        }
        if length > LONGEST {
            return Err(Invalid::new(
                "too_long",
                format!("Give {LONGEST} characters at most; these are {length}."),
            ));
        }
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            return Err(Invalid::new("character_refused", "Leave out control characters."));
        }
        Ok(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const SHORTEST: usize, const LONGEST: usize> ToSchema for FreeText<SHORTEST, LONGEST> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Text{LONGEST}").into()
    }
}

impl<const SHORTEST: usize, const LONGEST: usize> PartialSchema for FreeText<SHORTEST, LONGEST> {
    fn schema() -> RefOr<Schema> {
        let pattern = if SHORTEST == 0 { LINES } else { SOME_LINES };
        let description = "Text, of several lines if you like.";
        text_like(pattern, SHORTEST, LONGEST, description, "Too noisy at night.")
    }
}
