//! The text of a statement: one for both engines, but where they have no common word for what is meant.

/// A statement. Any `&'static str` is one; [`Sql::spelled`] makes one of two texts and says at its place why.
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

impl Sql {
    /// A statement that must be spelled differently.
    #[must_use]
    pub const fn spelled(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
    }
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text }
    }
}
