//! What was acknowledged is there after anything: the real program, killed in the middle of its work or robbed of what was not synced.

#[path = "../api/support/database.rs"]
mod database;
mod facts;
mod kills;
mod ledger;
#[path = "../process/mod.rs"]
mod process;
mod settle;
mod syncs;
#[path = "../api/support/trials.rs"]
mod trials;
mod verdict;
mod writers;
