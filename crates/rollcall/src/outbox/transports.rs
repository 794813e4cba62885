//! How messages leave this server, and whether the built-in mailbox keeps those that cannot.

use std::sync::Arc;

use notify::{Destination, GuardRules, Message, Notifier, Outcome, Transport};

/// Receivers that stand in for the world: with a stage nothing leaves this process.
pub trait Stage: Send + Sync {
    /// What comes of an attempt; none leaves the message to the built-in mailbox.
    fn receive(&self, receiver: &Destination, message: &Message) -> Option<Outcome>;
}

/// The configured transports.
pub struct Transports {
    /// Sends.
    pub notifier: Notifier,
    /// What customers' URLs may point at: the same rules that the notifier holds at each attempt.
    pub guard: GuardRules,
    /// Whether messages without a transport are kept in the built-in mailbox.
    pub mailbox: bool,
    /// What receives in place of every transport, if anything does.
    pub stage: Option<Arc<dyn Stage>>,
}

impl Transports {
    /// Whether a message of this kind can go anywhere.
    #[must_use]
    pub fn available(&self, transport: Transport) -> bool {
        self.mailbox || self.notifier.can_send(transport)
    }
}
