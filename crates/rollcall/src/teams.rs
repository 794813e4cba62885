//! Teams: made, listed, renamed, deleted.

pub mod create;
pub mod delete;
pub mod list;
pub mod rename;
pub(crate) mod store;
pub mod view;
