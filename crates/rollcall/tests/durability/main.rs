//! What was acknowledged is there after anything: the real program, killed in the middle of its work.

mod kills;
mod program;
mod syncs;
