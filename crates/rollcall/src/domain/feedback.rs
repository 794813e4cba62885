//! What customers tell the operator.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::invalid::Invalid;

/// What a piece of feedback is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Something does not work.
    Bug,
    /// Something is missing.
    Idea,
    /// Something is good.
    Praise,
    /// Anything else.
    Other,
}

impl Category {
    const WORDS: &[&str] = &["bug", "idea", "praise", "other"];

    /// The word of the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bug => "bug",
            Self::Idea => "idea",
            Self::Praise => "praise",
            Self::Other => "other",
        }
    }

    /// Reads the word.
    ///
    /// # Errors
    /// `category_unknown`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "bug" => Ok(Self::Bug),
            "idea" => Ok(Self::Idea),
            "praise" => Ok(Self::Praise),
            "other" => Ok(Self::Other),
            _ => Err(Invalid::new("category_unknown", "Give one of bug, idea, praise, other.")),
        }
    }
}

impl ToSchema for Category {}
impl PartialSchema for Category {
    fn schema() -> RefOr<Schema> {
        super::schema::words(Self::WORDS, "What the feedback is about.")
    }
}

/// How content somebody is, from 1 (not at all) to 5 (very).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rating(i64);

impl Rating {
    /// Checks the bounds.
    ///
    /// # Errors
    /// `rating_invalid`.
    pub fn new(number: i64) -> Result<Self, Invalid> {
        if (1..=5).contains(&number) {
            Ok(Self(number))
        } else {
            Err(Invalid::new("rating_invalid", "Give a whole number from 1 to 5."))
        }
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }
}

impl ToSchema for Rating {}
impl PartialSchema for Rating {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(5))
            .description(Some("How content you are, from 1 (not at all) to 5 (very)."))
            .examples([4])
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_as_it_is_written() {
        for word in Category::WORDS {
            assert_eq!(Category::parse(word).map(Category::as_str), Ok(*word));
        }
        assert!(Category::parse("Bug").is_err());
    }

    #[test]
    fn a_rating_has_one_to_five_stars() {
        let good: Vec<_> = (-1..8).filter(|number| Rating::new(*number).is_ok()).collect();
        assert_eq!(good, [1, 2, 3, 4, 5]);
    }
}
