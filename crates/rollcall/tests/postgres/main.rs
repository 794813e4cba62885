//! What is PostgreSQL's alone: run by `./scripts/postgres cargo test -p rollcall --test postgres -- --include-ignored`.

mod both_schemas;
mod catalogue;
mod copying;
#[path = "../api/support/database.rs"]
mod database;
mod faults;
#[path = "../process/mod.rs"]
mod process;
mod proxy;
mod shards;
mod starting;
