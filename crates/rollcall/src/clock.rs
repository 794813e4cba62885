//! The one place that asks for the time.

use jiff::{Timestamp, Unit};

/// Where the time comes from; tests bring their own.
pub trait Clock: Send + Sync {
    /// The time now, in whole microseconds, as the storage keeps it.
    fn now(&self) -> Timestamp;
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn now(&self) -> Timestamp {
        // Rounding fails only at the edge of the calendar, where the unrounded time does as well.
        let now = Timestamp::now();
        now.round(Unit::Microsecond).unwrap_or(now)
    }
}
