//! Things and their rules: pure, without I/O, clock or randomness. Singular nouns.

pub mod event;
pub mod id;
