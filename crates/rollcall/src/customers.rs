//! Customers: their profile and name, a new username, leaving.

pub mod cancel_username;
pub mod change_username;
pub mod confirm_username;
pub mod export;
pub mod leave;
pub mod profile;
mod store;
pub mod update;
pub mod view;
