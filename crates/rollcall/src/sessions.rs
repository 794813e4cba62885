//! Sessions: signing in and out, refreshing tokens, listing and ending them, and who a token belongs to.

pub mod authenticate;
pub(crate) mod browser;
pub mod end;
pub mod end_others;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
pub mod list;
pub mod refresh;
pub mod sign_in;
pub mod sign_out;
pub(crate) mod store;
pub mod tokens;
