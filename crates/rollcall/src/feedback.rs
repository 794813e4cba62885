//! Feedback for the operator.

pub mod give;
pub(crate) mod store;
