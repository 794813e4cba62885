//! How well two kinds of answers can be told apart by the time they take.

use std::cmp::Ordering;
use std::time::Duration;

/// How often one of the first is slower than one of the second: 0.5 where the two cannot be told apart (Mann and Whitney).
pub(crate) fn auc(first: &[Duration], second: &[Duration]) -> f64 {
    let wins: f64 = first
        .iter()
        .flat_map(|one| second.iter().map(move |other| one.cmp(other)))
        .map(|order| match order {
            Ordering::Greater => 1.0,
            Ordering::Equal => 0.5,
            Ordering::Less => 0.0,
        })
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "a few thousand tries")]
    let pairs = (first.len() * second.len()) as f64;
    wins / pairs
}

/// How much slower the first are than the second in the middle, in milliseconds.
pub(crate) fn median_gap(first: &[Duration], second: &[Duration]) -> f64 {
    let median = |times: &[Duration]| {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied().unwrap_or_default().as_secs_f64()
    };
    (median(first) - median(second)) * 1_000.0
}

#[test]
fn what_can_be_told_apart_is_seen() {
    let times = |from: u64| (from..from + 50).map(Duration::from_millis).collect::<Vec<_>>();
    assert!((auc(&times(0), &times(0)) - 0.5).abs() < 0.001);
    assert!(auc(&times(60), &times(0)) > 0.999);
    assert!((median_gap(&times(60), &times(0)) - 60.0).abs() < 0.001);
}
