//! Notification channels of a person or a team: one set of operations over an owner, under two paths.

pub mod create;
mod destination;
pub mod list;
mod owner;
mod send_code;
mod store;
pub mod verify;
pub mod view;
