//! A clock that stands still until it is moved.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use rollcall::clock::Clock;

pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    /// Begins on a Tuesday morning.
    pub(crate) fn new() -> Self {
        let start: Timestamp = "2026-11-24T09:00:00Z".parse().expect("a time");
        Self(AtomicI64::new(start.as_microsecond()))
    }

    pub(crate) fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).expect("a test's time");
        self.0.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    /// Each look is a microsecond later, so that what happens later is later.
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.fetch_add(1, Ordering::SeqCst)).expect("a time")
    }
}
