//! How messages leave this server, and whether the built-in mailbox keeps those that cannot.

use notify::{GuardRules, Notifier, Transport};

/// The configured transports.
pub struct Transports {
    /// Sends.
    pub notifier: Notifier,
    /// What customers' URLs may point at: the same rules that the notifier holds at each attempt.
    pub guard: GuardRules,
    /// Whether messages without a transport are kept in the built-in mailbox.
    pub mailbox: bool,
}

impl Transports {
    /// Whether a message of this kind can go anywhere.
    #[must_use]
    pub fn available(&self, transport: Transport) -> bool {
        self.mailbox || self.notifier.can_send(transport)
    }
}
