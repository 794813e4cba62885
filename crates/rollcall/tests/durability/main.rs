//! What was acknowledged is there after anything: the real program, killed in the middle of its work or robbed of what was not synced.

mod cuts;
#[path = "../api/support/database.rs"]
mod database;
mod disk;
mod facts;
mod kills;
mod ledger;
mod power;
mod power_postgres;
#[path = "../process/mod.rs"]
mod process;
#[path = "../postgres/server.rs"]
mod server;
mod sessions;
mod settle;
mod syncs;
mod trace;
#[path = "../api/support/trials.rs"]
mod trials;
mod verdict;
mod writers;
