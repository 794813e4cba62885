//! Customers: their profile and name, a new username, leaving.

pub mod profile;
mod store;
pub mod update;
pub mod view;
