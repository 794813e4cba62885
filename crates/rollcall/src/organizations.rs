//! Organizations: the name, the plan's limits, their use.

pub(crate) mod limits;
pub mod plan_limits;
pub mod rename;
mod store;
pub mod usage;
pub mod view;
