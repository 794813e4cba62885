//! All that an operation may use: storage, clock, randomness, keys, transports, settings.

use std::ops::Deref;
use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use crate::clock::Clock;
use crate::config::Policy;
use crate::db::Db;
use crate::domain::plan::Plans;
use crate::entropy::{Entropy, Onwards, uuid_v7};
use crate::http::idempotency::RunningKeys;
use crate::http::ready::Ready;
use crate::keys::Keyring;
use crate::outbox::{Attempts, Transports};
use crate::passwords::Passwords;

/// A handle that is cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What an [`App`] is made of.
pub struct Parts {
    /// The storage.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Keys for sealing and digests.
    pub keys: Keyring,
    /// Password hashing.
    pub passwords: Passwords,
    /// How messages leave, and the built-in mailbox.
    pub transports: Transports,
    /// Who waits for deliveries hears of their attempts here.
    pub attempts: Attempts,
    /// Plans and their limits.
    pub plans: Plans,
    /// What the operator decided.
    pub policy: Policy,
    /// Answers that are ready.
    pub ready: Ready,
    /// Idempotency keys of commands that run just now.
    pub running: RunningKeys,
    /// Ids go on where the clock is set back.
    pub onwards: Onwards,
}

impl App {
    /// An app of its parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new UUIDv7, which sorts after all that this process has made.
    #[must_use]
    pub fn fresh_uuid(&self, now: Timestamp) -> Uuid {
        uuid_v7(&*self.entropy, self.onwards.from(now))
    }

    /// A new id of any kind.
    #[must_use]
    pub fn fresh_id<T: From<Uuid>>(&self, now: Timestamp) -> T {
        T::from(self.fresh_uuid(now))
    }

    /// Random bytes from the system.
    #[must_use]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
