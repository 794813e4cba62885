//! Services that teams own: made, shown, listed, renamed, deleted.

pub mod create;
pub mod delete;
pub mod list;
pub mod rename;
pub mod show;
pub(crate) mod store;
pub mod view;
