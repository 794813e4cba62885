//! The audit log, as its organization's roots read it.

pub mod list;
