//! What this process is delivering just now: one attempt for a message at a time, whatever clocks say of its lease.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::domain::id::DeliveryId;

/// The messages, each with its latest lease.
#[derive(Debug, Clone, Default)]
pub(super) struct Held(Arc<Mutex<HashMap<DeliveryId, Uuid>>>);

/// One of them, until this is dropped.
#[derive(Debug)]
pub(super) struct Holding {
    held: Held,
    delivery_id: DeliveryId,
}

impl Held {
    /// Takes a message that was leased; none where an attempt for it runs, which then ends under this lease.
    pub(super) fn take(&self, delivery_id: DeliveryId, lease: Uuid) -> Option<Holding> {
        match self.leases().entry(delivery_id) {
            Entry::Vacant(entry) => entry.insert(lease),
            Entry::Occupied(mut entry) => {
                entry.insert(lease);
                return None;
            }
        };
        Some(Holding { held: self.clone(), delivery_id })
    }

    /// The leases of all.
    pub(super) fn all(&self) -> Vec<Uuid> {
        self.leases().values().copied().collect()
    }

    fn leases(&self) -> MutexGuard<'_, HashMap<DeliveryId, Uuid>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Holding {
    /// The lease under which the attempt ends.
    pub(super) fn lease(&self) -> Option<Uuid> {
        self.held.leases().get(&self.delivery_id).copied()
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.held.leases().remove(&self.delivery_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_that_outlives_its_lease_goes_on_alone_under_the_next() {
        let (held, id) = (Held::default(), DeliveryId::from(Uuid::from_u128(1)));
        let [first, second, third] = [1, 2, 3].map(Uuid::from_u128);
        let holding = held.take(id, first).expect("nobody has it");
        assert!(held.take(id, second).is_none());
        assert_eq!((holding.lease(), held.all()), (Some(second), vec![second]));
        drop(holding);
        assert!(held.take(id, third).is_some());
    }
}
