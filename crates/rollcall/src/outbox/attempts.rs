//! Who waits for the outcome of a delivery hears of each attempt in this process.

use tokio::sync::broadcast;

use crate::domain::id::DeliveryId;

/// How many attempts may end before a listener that does not listen misses one.
const KEPT: usize = 1_024;

/// Tells listeners of ended attempts.
#[derive(Debug, Clone)]
pub struct Attempts(broadcast::Sender<DeliveryId>);

impl Attempts {
    /// Nobody listens yet.
    #[must_use]
    pub fn new() -> Self {
        Self(broadcast::channel(KEPT).0)
    }

    /// An attempt has ended and its outcome is written down.
    pub(super) fn ended(&self, delivery_id: DeliveryId) {
        // Without listeners nobody needs to know.
        let _ = self.0.send(delivery_id);
    }

    /// Listens from now on.
    #[must_use]
    pub fn listen(&self) -> Listener {
        Listener(self.0.subscribe())
    }
}

impl Default for Attempts {
    fn default() -> Self {
        Self::new()
    }
}

/// Hears of attempts that end after it was made.
#[derive(Debug)]
pub struct Listener(broadcast::Receiver<DeliveryId>);

impl Listener {
    /// Resolves once an attempt of this delivery has ended, or when too much was missed to be sure that none has.
    pub async fn heard_of(&mut self, delivery_id: DeliveryId) {
        while let Ok(ended) = self.0.recv().await {
            if ended == delivery_id {
                return;
            }
        }
    }
}
