//! Members of teams: listed, changed, moved, removed.

pub mod change;
pub mod list;
pub mod remove;
pub(crate) mod store;
pub mod view;
