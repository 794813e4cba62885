//! Times as pages show them: in UTC where no script runs, in the reader's zone where one does.

use askama::Template;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// A time of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub(super) struct Time(Timestamp);

impl Time {
    /// As an element that scripts may put into the reader's zone.
    pub(super) fn shown(self) -> Shown {
        Shown { machine: self.0.to_string(), text: self.text(), exact: false }
    }

    /// The same to the second, for tables of what happened.
    pub(super) fn exact(self) -> Shown {
        let text = self.0.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
        Shown { machine: self.0.to_string(), text, exact: true }
    }

    fn text(self) -> String {
        self.0.strftime("%Y-%m-%d %H:%M UTC").to_string()
    }

    /// Seconds from now until so much after it; 0 once that has passed.
    pub(super) fn seconds_left(self, after: SignedDuration, now: Timestamp) -> i64 {
        let left = (self.0 + after).duration_since(now);
        (left.as_secs() + i64::from(left.subsec_nanos() > 0)).max(0)
    }

    /// So much later.
    pub(super) fn after(self, duration: SignedDuration) -> Self {
        Self(self.0 + duration)
    }

    /// As programs read it.
    pub(super) fn machine(self) -> String {
        self.0.to_string()
    }
}

impl From<Timestamp> for Time {
    fn from(time: Timestamp) -> Self {
        Self(time)
    }
}

/// A `time` element.
#[derive(Template)]
#[template(
    source = "<time datetime=\"{{ machine }}\"{% if exact %} data-exact{% endif %} title=\"{{ machine }}\">{{ text }}</time>",
    ext = "html"
)]
pub(super) struct Shown {
    machine: String,
    text: String,
    exact: bool,
}

impl askama::filters::HtmlSafe for Shown {}
