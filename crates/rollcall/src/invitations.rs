//! Invitations: sent, reminded, handed over, withdrawn; previewed, accepted, declined.

pub mod accept;
pub mod decline;
pub mod invite;
pub mod link;
pub mod list;
pub mod preview;
pub mod remind;
pub(crate) mod send;
pub(crate) mod store;
pub mod view;
pub mod withdraw;

pub(crate) use store::lapse;
