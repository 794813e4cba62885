//! Why one value was refused.

use std::borrow::Cow;

/// A refusal of a value: a stable code for programs, a sentence for people that names the fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// Stable, `snake_case`.
    pub code: &'static str,
    /// For people; never repeats a secret.
    pub message: Cow<'static, str>,
}

impl Invalid {
    /// A refusal.
    pub fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }
}
