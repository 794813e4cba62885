//! Requests that start at the same moment.

use std::future::Future;
use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::Barrier;

use super::Answer;

/// How often a race is run: fifty times, or as often as `TRIALS` says.
pub(crate) fn how_often() -> usize {
    super::trials(50)
}

/// The rounds of a race. After the last one the trial's line is printed: nothing went wrong by then.
pub(crate) fn rounds() -> impl Iterator<Item = usize> {
    let end = || {
        let test = std::thread::current();
        println!("{}: {} rounds, 0 findings", test.name().unwrap_or("a race"), how_often());
        None
    };
    (0..how_often()).chain(std::iter::from_fn(end))
}

/// How many race in a round: 2, 8 and 32 in turn.
pub(crate) fn many(round: usize) -> usize {
    [2, 8, 32][round % 3]
}

/// Starts all at once and gives their answers in order.
pub(crate) async fn race<F>(racers: Vec<F>) -> Vec<Answer>
where
    F: Future<Output = Answer>,
{
    let barrier = Arc::new(Barrier::new(racers.len()));
    let started = racers.into_iter().map(|racer| {
        let barrier = Arc::clone(&barrier);
        async move {
            barrier.wait().await;
            racer.await
        }
    });
    join_all(started).await
}

/// Each answer's status, with the code of a refusal, in an order of its own.
pub(crate) fn outcomes(answers: &[Answer]) -> Vec<(u16, String)> {
    let code = |answer: &Answer| answer.body["code"].as_str().unwrap_or_default().to_owned();
    let mut outcomes: Vec<_> = answers.iter().map(|answer| (answer.status.as_u16(), code(answer))).collect();
    outcomes.sort();
    outcomes
}

/// Whether an answer is this one; no code for a success.
pub(crate) fn is(answer: &Answer, status: u16, code: &str) -> bool {
    answer.status == status && answer.body["code"].as_str().unwrap_or_default() == code
}

/// What must come out where one wins and the others are refused alike.
pub(crate) fn one_of(winner: u16, racers: usize, status: u16, code: &str) -> Vec<(u16, String)> {
    let mut outcomes = vec![(winner, String::new())];
    outcomes.resize(racers, (status, code.to_owned()));
    outcomes
}
