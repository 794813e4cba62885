//! Whether commits come about, for whoever asks if the process is ready: a disk that is full or failing lets queries pass.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::db::Error;

/// How long nothing must have failed until a success counts: a disk that is nearly full still takes a small commit now and then.
const CALM: Duration = Duration::from_secs(1);

/// When a commit failed last, until commits come about again.
#[derive(Debug, Default)]
pub(super) struct Health(Mutex<Option<Instant>>);

impl Health {
    /// Whether commits come about, as far as it is known.
    pub(super) fn works(&self) -> bool {
        self.failed_at().is_none()
    }

    /// What came of a commit. The first failure and the end of failing are logged, not each in between.
    pub(super) fn saw(&self, commit: &Result<(), Error>) {
        let mut failed_at = self.failed_at();
        match commit {
            Err(error) => {
                if failed_at.is_none() {
                    tracing::error!(%error, "nothing can be written; commands are refused until it can");
                }
                *failed_at = Some(Instant::now());
            }
            Ok(()) if failed_at.is_some_and(|at| at.elapsed() >= CALM) => {
                tracing::info!("writing works again");
                *failed_at = None;
            }
            Ok(()) => {}
        }
    }

    fn failed_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
