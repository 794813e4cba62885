//! Several processes on one PostgreSQL database, and its standby:
//! `STANDBY=on ./scripts/postgres cargo test -p rollcall --test processes -- --include-ignored --test-threads 1`.

#[path = "../api/support/database.rs"]
#[allow(dead_code, reason = "each test binary that uses this uses another part of it")]
mod database;
mod kept;
mod pages;
#[path = "../process/mod.rs"]
mod process;
mod split;
mod standby;
#[path = "../api/support/trials.rs"]
mod trials;
mod upkeep;
mod workers;
