//! How long one request may wait for the storage, all that it asks together: who asks five things of a slow line is told as soon as
//! who asks one.

use std::cell::Cell;
use std::time::{Duration, Instant};

tokio::task_local! {
    /// How long this request has waited so far.
    static WAITED: Cell<Duration>;
}

/// The least that is left for each further question, however long those before it took: they were answered, so the storage is there.
const LEAST: Duration = Duration::from_millis(300);

/// Counts what everything inside waits for the storage as the waiting of one request. Work without a request has all of its patience
/// for each question.
pub(crate) async fn of_one_request<T>(request: impl Future<Output = T>) -> T {
    WAITED.scope(Cell::default(), request).await
}

/// What is left of a patience, a moment from now.
pub(super) fn left(of: Duration) -> Duration {
    WAITED.try_with(|waited| of.saturating_sub(waited.get()).max(LEAST)).unwrap_or(of)
}

/// Waits for an answer of the storage. What is given up before it comes was waited for as well.
pub(super) async fn wait<T>(answer: impl Future<Output = T>) -> T {
    let _waiting = Waiting { since: Instant::now() };
    answer.await
}

struct Waiting {
    since: Instant,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        // Nobody counts where there is no request.
        let _ = WAITED.try_with(|waited| waited.set(waited.get() + self.since.elapsed()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Duration = Duration::from_secs(2);

    #[tokio::test]
    async fn what_a_request_has_waited_is_taken_from_its_next_question() {
        let (before, after) = of_one_request(async {
            let before = left(ALL);
            WAITED.with(|waited| waited.set(Duration::from_millis(1_500)));
            (before, left(ALL))
        })
        .await;
        assert_eq!((before, after), (ALL, Duration::from_millis(500)));
    }

    #[tokio::test]
    async fn a_question_has_a_little_patience_however_long_those_before_it_took() {
        let left = of_one_request(async {
            WAITED.with(|waited| waited.set(ALL * 2));
            left(ALL)
        });
        assert_eq!(left.await, LEAST);
    }

    #[tokio::test]
    async fn waiting_is_counted() {
        let left = of_one_request(async {
            wait(tokio::time::sleep(Duration::from_millis(20))).await;
            left(ALL)
        });
        assert!(left.await + Duration::from_millis(20) <= ALL);
    }

    #[tokio::test]
    async fn waiting_in_vain_is_counted() {
        let left = of_one_request(async {
            let never = wait(std::future::pending::<()>());
            assert!(tokio::time::timeout(Duration::from_millis(20), never).await.is_err());
            left(ALL)
        });
        assert!(left.await + Duration::from_millis(20) <= ALL);
    }

    #[tokio::test]
    async fn who_is_no_request_has_all_of_its_patience_each_time() {
        wait(tokio::time::sleep(Duration::from_millis(1))).await;
        assert_eq!(left(ALL), ALL);
    }
}
