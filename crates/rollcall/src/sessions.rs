//! Sessions: signing in and out, refreshing tokens, and who a token belongs to.

pub mod authenticate;
pub mod refresh;
pub mod sign_in;
pub mod sign_out;
pub(crate) mod store;
pub mod tokens;
