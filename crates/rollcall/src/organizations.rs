//! Organizations: the name, the plan's limits, their use.

pub(crate) mod limits;
