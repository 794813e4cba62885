//! When to try again: seconds, then minutes, then hours, with jitter, so that many failures do not come back as one.

use std::time::Duration;

/// Between the attempts of a message (the schedule of Standard Webhooks, reaching over three days).
const MESSAGE: [u64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// Between the attempts of a one-time code, which is soon of no use.
const CODE: [u64; 3] = [5, 30, 120];
/// The longest wait that a receiver may ask for by `Retry-After`.
const LONGEST_ASKED: Duration = Duration::from_secs(86_400);
/// How much of a wait the jitter may take off or put on, in percent.
const JITTER: u64 = 20;

/// How long to wait after the given number of attempts; none when it was the last.
///
/// `random` spreads the wait by 20 %. What the receiver asks for is honoured up to 24 hours, never shortened by jitter.
pub(super) fn wait(attempts: u32, code: bool, asked: Option<Duration>, random: u64) -> Option<Duration> {
    let schedule: &[u64] = if code { &CODE } else { &MESSAGE };
    let index = usize::try_from(attempts.checked_sub(1)?).ok()?;
    let planned = schedule.get(index)? * 1_000;
    let spread = planned * JITTER / 100;
    let wait = Duration::from_millis(planned - spread + random % (2 * spread + 1));
    Some(asked.map_or(wait, |asked| wait.max(asked.min(LONGEST_ASKED))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_stays_within_a_fifth_of_its_plan() {
        for (index, seconds) in MESSAGE.into_iter().enumerate() {
            for random in [0, 1, 12_345, u64::MAX] {
                let attempts = u32::try_from(index + 1).expect("a small number");
                let wait = wait(attempts, false, None, random).expect("not the last").as_millis();
                let (low, high) = (u128::from(seconds * 800), u128::from(seconds * 1_200));
                assert!((low..=high).contains(&wait), "after {attempts}: {wait} ms");
            }
        }
    }

    #[test]
    fn a_message_is_tried_ten_times_and_a_code_four_times() {
        assert!(wait(9, false, None, 0).is_some());
        assert_eq!(wait(10, false, None, 0), None);
        assert!(wait(3, true, None, 0).is_some());
        assert_eq!(wait(4, true, None, 0), None);
    }

    #[test]
    fn what_the_receiver_asks_for_is_honoured_for_a_day_at_most() {
        let hour = Duration::from_secs(3_600);
        assert_eq!(wait(1, false, Some(hour), 0), Some(hour));
        assert_eq!(wait(1, false, Some(hour * 100), 0), Some(LONGEST_ASKED));
        assert!(wait(4, false, Some(Duration::from_secs(1)), 0).expect("a wait") > hour);
    }
}
