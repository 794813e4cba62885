//! The outbox: messages written with the change that causes them, delivered outside any transaction.
//!
//! `post` puts a message in, a `room` and its lanes are where it waits, `claim` leases what is due as far as there are
//! `places`, `deliver` makes one attempt, `mark` writes down what came of it, `backoff` says when to try again, `health`
//! when a channel is at its end, and the `worker` keeps them going. At least once: the delivery's id is the same on every
//! attempt, so that a receiver can tell a repetition.

use jiff::Timestamp;

use crate::app::App;
use crate::db::{Error, Tx};
use crate::domain::id::{ChannelId, OrganizationId};

mod attempts;
mod backoff;
mod claim;
mod deliver;
pub(crate) mod health;
mod held;
mod mark;
mod places;
pub mod post;
pub(crate) mod repost;
mod room;
pub mod transports;
pub mod worker;

pub use attempts::Attempts;
pub use claim::waiting;
pub use transports::{Stage, Transports};

/// What the worker does to a channel beside sending to it, in the transaction that writes down why. The outbox knows no
/// channels: whoever starts the worker says who does.
#[derive(Clone, Copy)]
pub struct Owners {
    /// The channel was switched off: its owner is told.
    pub disabled: fn(&Tx<'_>, &App, OrganizationId, ChannelId, Timestamp) -> Result<(), Error>,
    /// Its receiver has moved to another address: that is kept in place of the old one.
    pub moved: fn(&Tx<'_>, &App, OrganizationId, ChannelId, &str) -> Result<(), Error>,
}
