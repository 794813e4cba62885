//! Rollcall: who is on the team, what they may do, and how to reach them.

pub mod db;
pub mod domain;
