//! The time of the example organization: it begins days ago and is moved on, so that there is a history to look at.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use rollcall::clock::{Clock, SystemClock};

/// A clock that is behind the system's.
pub(super) struct Calendar(Mutex<SignedDuration>);

impl Calendar {
    /// Behind by so many days.
    pub(super) fn days_ago(days: i64) -> Self {
        Self(Mutex::new(SignedDuration::from_hours(24 * days)))
    }

    /// Moves on to so long before now; never back.
    pub(super) fn move_to(&self, before: SignedDuration) {
        let mut behind = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *behind = before.min(*behind);
    }
}

impl Clock for Calendar {
    fn now(&self) -> Timestamp {
        SystemClock.now() - *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
