//! Randomness, and the ids made of it.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use uuid::{Builder, Uuid};

/// Where randomness comes from; tests may bring their own.
pub trait Entropy: Send + Sync {
    /// Fills the bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// Ends the process where the system has no randomness: nothing that would follow were safe.
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            eprintln!("rollcall: the system gives no randomness: {error}");
            std::process::abort();
        }
    }
}

/// A UUIDv7 (RFC 9562 §5.7) whose `rand_a` holds the fraction of the millisecond (§6.2, method 3), so that ids of later
/// microseconds sort later.
#[must_use]
pub fn uuid_v7(entropy: &dyn Entropy, now: Timestamp) -> Uuid {
    let mut random = [0; 10];
    entropy.fill(&mut random);
    let micros = u64::try_from(now.as_microsecond()).unwrap_or(0);
    // 1000 fractions spread over the 4096 values of twelve bits.
    let fraction = u16::try_from((micros % 1_000) * 4_096 / 1_000).unwrap_or(0);
    [random[0], random[1]] = fraction.to_be_bytes();
    Builder::from_unix_timestamp_millis(micros / 1_000, &random).into_uuid()
}

/// The times that ids are made of: they never go back and never stand still (RFC 9562 §6.2), whatever the clock does, so that ids sort
/// in the order in which they were made.
#[derive(Debug, Default)]
pub struct Onwards(AtomicI64);

impl Onwards {
    /// The time now, or a microsecond after the last one given where that is later.
    #[must_use]
    pub fn from(&self, now: Timestamp) -> Timestamp {
        let now = now.as_microsecond();
        let next = |last: i64| now.max(last.saturating_add(1));
        let last = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last)));
        let micros = next(last.unwrap_or_else(|last| last));
        Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_makes_no_id_sort_before_earlier_ones() {
        let onwards = Onwards::default();
        let times =
            [1_764_000_000, 1_764_000_001, 1_764_000_001, 1_732_000_000, 1_732_000_000, 1_764_000_002];
        let ids = times.map(|second| {
            let now = Timestamp::from_second(second).expect("a time");
            uuid_v7(&SystemEntropy, onwards.from(now))
        });
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
    }

    #[test]
    fn ids_of_later_microseconds_sort_later() {
        let start = 1_764_000_000_000_000;
        let ids: Vec<_> = (0..3_000)
            .map(|micro| uuid_v7(&SystemEntropy, Timestamp::from_microsecond(start + micro).expect("a time")))
            .collect();
        assert!(ids.is_sorted());
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }
}
