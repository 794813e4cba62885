//! How long a trial runs: a short form with every test run, the long one by `just trials`.

/// How often a trial is repeated: `TRIALS` from the environment, or the short form's number.
#[expect(clippy::disallowed_methods, reason = "a switch of the trials, not a setting")]
pub(crate) fn trials(short: usize) -> usize {
    std::env::var("TRIALS").ok().and_then(|number| number.parse().ok()).unwrap_or(short)
}
