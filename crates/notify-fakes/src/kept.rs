//! What a fake received, and waiting for more of it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

/// How long a wait lasts before it panics.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A growing list that can be waited on.
pub(crate) struct Kept<T> {
    items: Mutex<Vec<T>>,
    grown: Notify,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { items: Mutex::new(Vec::new()), grown: Notify::new() }
    }
}

impl<T: Clone> Kept<T> {
    pub(crate) fn push(&self, item: T) {
        locked(&self.items).push(item);
        self.grown.notify_waiters();
    }

    pub(crate) fn all(&self) -> Vec<T> {
        locked(&self.items).clone()
    }

    /// What there is to see in the list just now.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&[T]) -> R) -> R {
        look(&locked(&self.items))
    }

    /// Waits until `found` sees what it looks for in the list.
    ///
    /// # Panics
    /// After [`PATIENCE`].
    pub(crate) async fn wait<R>(&self, what: &str, found: impl Fn(&[T]) -> Option<R>) -> R {
        let waiting = async {
            loop {
                // Made before looking: what is pushed in between still wakes it.
                let grown = self.grown.notified();
                if let Some(result) = found(&locked(&self.items)) {
                    return result;
                }
                grown.await;
            }
        };
        let Ok(result) = timeout(PATIENCE, waiting).await else {
            panic!("no {what} within {PATIENCE:?}; {} kept so far", self.all().len())
        };
        result
    }

    /// Waits until there are `n`, and gives all.
    ///
    /// # Panics
    /// After [`PATIENCE`].
    pub(crate) async fn wait_for(&self, what: &str, n: usize) -> Vec<T> {
        self.wait(what, |items| (items.len() >= n).then(|| items.to_vec())).await
    }
}

/// Locks; a test that panicked elsewhere leaves the data usable.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
