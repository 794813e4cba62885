//! A clock that was set back: a time that lies ahead is one of before, and nothing waits for it to come again.

use jiff::{SignedDuration, Timestamp};

/// How far a time may lie ahead while the clock goes on as it should: a request has its time from when it came, and may take
/// half a minute.
pub const AHEAD: SignedDuration = SignedDuration::from_mins(1);

/// Whether the clock was set back since a time that it has shown.
#[must_use]
pub fn since(at: Timestamp, now: Timestamp) -> bool {
    at.duration_since(now) > AHEAD
}
