//! What was acknowledged is there after anything: the real program, killed in the middle of its work or robbed of what was not synced.

#[path = "../api/support/database.rs"]
mod database;
mod disk;
mod facts;
mod kills;
mod ledger;
mod power;
#[path = "../process/mod.rs"]
mod process;
mod sessions;
mod settle;
mod syncs;
mod trace;
#[path = "../api/support/trials.rs"]
mod trials;
mod verdict;
mod writers;
