//! What figures must be: of the long form, which alone is measured where nothing else runs.

use std::fmt::Display;

use crate::long;

/// The bars of one trial, each with what was missed.
#[derive(Default)]
pub(crate) struct Bars(Vec<String>);

impl Bars {
    /// At most so much.
    pub(crate) fn most(&mut self, what: impl Display, value: f64, bound: f64) {
        if value > bound {
            self.0.push(format!("{what}: {value:.2} where {bound:.2} is the most"));
        }
    }

    /// At least so much.
    pub(crate) fn least(&mut self, what: impl Display, value: f64, bound: f64) {
        if value < bound {
            self.0.push(format!("{what}: {value:.2} where {bound:.2} is the least"));
        }
    }

    /// Fails the long form with all that was missed.
    pub(crate) fn hold(self) {
        assert!(!long() || self.0.is_empty(), "missed: {}", self.0.join("; "));
    }
}
