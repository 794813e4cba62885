//! The outbox: messages written with the change that causes them, delivered outside any transaction.
//!
//! `post` puts a message in, `claim` leases what is due, `deliver` makes one attempt, `mark` writes down what came of
//! it, `backoff` says when to try again, and the `worker` keeps them going. At least once: the delivery's id is the
//! same on every attempt, so that a receiver can tell a repetition.

mod attempts;
mod backoff;
mod claim;
mod deliver;
mod mark;
pub mod post;
pub mod transports;
pub mod worker;

pub use attempts::Attempts;
pub use claim::waiting;
pub use post::Receiver;
pub use transports::Transports;
