//! Notifications: what somebody sends to the channels of a team, or to their own.

mod receivers;
pub mod send;
mod store;
