//! Sessions: signing in and out, refreshing tokens, and who a token belongs to.

pub mod authenticate;
