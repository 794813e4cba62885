//! Notification channels of a person or a team: one set of operations over an owner, under two paths.

pub mod change_value;
pub mod create;
pub mod delete;
pub mod deliveries;
mod destination;
pub mod enable;
pub(crate) mod export;
pub mod list;
pub(crate) mod owner;
mod progress;
pub mod push_key;
pub(crate) mod reach;
pub mod reachability;
pub mod reorder;
pub mod resend;
pub mod retry;
mod sealed;
mod send_code;
pub(crate) mod store;
pub mod test;
pub mod types;
pub mod verify;
pub mod view;
pub mod worker;
