//! How far the data has moved on: a number that grows with each commit, and the number of the last commit that reached an
//! organization, so that whoever keeps an answer can tell whether it still holds. Right for one process alone.
//!
//! The order makes it exact. A reader notes [`Versions::now`] BEFORE its snapshot begins; a commit is counted AFTER the engine
//! has it and BEFORE its answer goes out. So a snapshot holds every commit up to the number that was noted, and an answer is
//! dropped before anybody can have heard of a commit that it lacks.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::domain::id::OrganizationId;
use crate::domain::reach::Reach;

/// Organizations share these places by chance: one that shares with a busy one is asked anew more often, never less.
const PLACES: usize = 4_096;

/// The numbers.
pub struct Versions {
    last: AtomicU64,
    last_for_everybody: AtomicU64,
    last_for: Box<[AtomicU64]>,
}

/// Whose changes an answer depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The data of one organization, and what reaches everybody.
    Organization(OrganizationId),
    /// The data of any.
    All,
}

impl Default for Versions {
    fn default() -> Self {
        Self {
            last: AtomicU64::new(0),
            last_for_everybody: AtomicU64::new(0),
            last_for: (0..PLACES).map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

impl Versions {
    /// The number to note before a snapshot begins.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.last.load(Ordering::SeqCst)
    }

    /// Whether nothing has changed in the scope since the number was noted.
    #[must_use]
    pub fn holds(&self, noted: u64, scope: Scope) -> bool {
        match scope {
            Scope::All => self.now() <= noted,
            Scope::Organization(id) => {
                self.last_for_everybody.load(Ordering::SeqCst) <= noted
                    && self.place(id).load(Ordering::SeqCst) <= noted
            }
        }
    }

    /// Counts a commit, before its answer goes out.
    pub(super) fn count(&self, reach: Reach) {
        let last = match reach {
            Reach::Nobody => return,
            Reach::Organization(id) => self.place(id),
            Reach::Everybody => &self.last_for_everybody,
        };
        let number = self.last.fetch_add(1, Ordering::SeqCst) + 1;
        last.fetch_max(number, Ordering::SeqCst);
    }

    fn place(&self, id: OrganizationId) -> &AtomicU64 {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % PLACES as u64).unwrap_or_default();
        &self.last_for[place]
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_answer_holds_until_a_commit_that_reaches_it() {
        let versions = Versions::default();
        let (one, two) = (OrganizationId::from(Uuid::from_u128(1)), OrganizationId::from(Uuid::from_u128(2)));
        let noted = versions.now();
        versions.count(Reach::Nobody);
        assert!(versions.holds(noted, Scope::All));
        versions.count(Reach::Organization(one));
        assert!(!versions.holds(noted, Scope::Organization(one)));
        assert!(versions.holds(noted, Scope::Organization(two)));
        assert!(!versions.holds(noted, Scope::All));
        let noted = versions.now();
        assert!(versions.holds(noted, Scope::Organization(one)));
        versions.count(Reach::Everybody);
        assert!(!versions.holds(noted, Scope::Organization(one)));
        assert!(!versions.holds(noted, Scope::Organization(two)));
    }
}
