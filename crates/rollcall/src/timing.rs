//! Whether the time of a comparison tells how much of a guess is right: one guess that is right but for its end against guesses of
//! chance, by Welch's t-test, as dudect has it (Reparaz, Balasch and Verbauwhede, 2017).
//!
//! A figure, never a verdict: a busy machine measures its own noise. Beside each comparison of ours stands what the same statistics say
//! of one that stops at the first wrong byte, so that a figure that says nothing is seen to say nothing.

use std::hint::black_box;
use std::time::Instant;

/// The |t| from which on times are taken to differ.
const DIFFERENT: f64 = 4.5;
/// How many guesses are measured: the short form runs with the other tests, the long one in a release build.
const GUESSES: usize = if cfg!(debug_assertions) { 20_000 } else { 1_000_000 };
/// How often each is compared in one measurement: a clock's tick is longer than a comparison.
const TIMES: usize = 8;

/// Chance without a source of it: the same guesses each time.
pub(crate) struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        // Marsaglia's xorshift.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A byte.
    pub(crate) fn byte(&mut self) -> u8 {
        self.next().to_be_bytes()[3]
    }

    /// A character of base64url.
    pub(crate) fn character(&mut self) -> u8 {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        ALPHABET[usize::from(self.byte()) % ALPHABET.len()]
    }
}

/// Measures a comparison with a secret and prints what came of it. `nearly` is right but for its end.
pub(crate) fn report(
    what: &str,
    secret: &[u8],
    nearly: &[u8],
    mut guess: impl FnMut(&mut Chance) -> Vec<u8>,
    compare: impl Fn(&[u8]) -> bool,
) {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let guesses: Vec<(bool, Vec<u8>)> = (0..GUESSES)
        .map(|_| {
            let fixed = chance.next().is_multiple_of(2);
            (fixed, if fixed { nearly.to_vec() } else { guess(&mut chance) })
        })
        .collect();
    assert!(compare(secret), "{what}: the secret itself is taken");
    assert!(guesses.iter().take(100).all(|(_, guess)| !compare(guess)), "{what}: a guess is taken");
    let (ours, early) = (measured(&guesses, compare), measured(&guesses, |guess| stops_early(guess, secret)));
    println!(
        "timing, {what}: |t| {ours:.1} over {GUESSES} guesses; of a comparison that stops at the first wrong byte {early:.1}; \
         from {DIFFERENT} on they differ"
    );
}

/// What must not be done.
fn stops_early(guess: &[u8], secret: &[u8]) -> bool {
    guess.len() == secret.len() && guess.iter().zip(secret).all(|(one, other)| black_box(one) == other)
}

fn measured(guesses: &[(bool, Vec<u8>)], compare: impl Fn(&[u8]) -> bool) -> f64 {
    let mut times = [Vec::new(), Vec::new()];
    for (fixed, guess) in guesses {
        let begun = Instant::now();
        for _ in 0..TIMES {
            black_box(compare(black_box(guess)));
        }
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52 nanoseconds")]
        times[usize::from(*fixed)].push(begun.elapsed().as_nanos() as f64);
    }
    let [random, fixed] = times;
    difference(random, fixed)
}

/// |t| of two samples without what took longest: interruptions have nothing to say of a comparison.
fn difference(one: Vec<f64>, other: Vec<f64>) -> f64 {
    let mut all = [one.as_slice(), other.as_slice()].concat();
    all.sort_unstable_by(f64::total_cmp);
    let longest = all.get(all.len() * 9 / 10).copied().unwrap_or_default();
    let [(n, mean, variance), (m, another, spread)] = [one, other].map(|times| {
        let times: Vec<f64> = times.into_iter().filter(|time| *time <= longest).collect();
        #[expect(clippy::cast_precision_loss, reason = "a million at the most")]
        let n = times.len() as f64;
        let mean = times.iter().sum::<f64>() / n;
        let variance = times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (n - 1.0);
        (n, mean, variance)
    });
    (mean - another).abs() / (variance / n + spread / m).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times around 100, with what a machine adds.
    fn times(around: f64, chance: &mut Chance) -> Vec<f64> {
        (0..10_000)
            .map(|_| {
                let noise = f64::from(chance.byte()) / 64.0;
                if chance.byte() < 5 { around * 50.0 } else { around + noise }
            })
            .collect()
    }

    #[test]
    fn a_difference_is_found_and_none_is_not() {
        let mut chance = Chance(7);
        let (same, again, slower) =
            (times(100.0, &mut chance), times(100.0, &mut chance), times(100.2, &mut chance));
        assert!(difference(same.clone(), again) < DIFFERENT);
        assert!(difference(same, slower) > DIFFERENT);
    }
}
