//! What is PostgreSQL's alone: run by `./scripts/postgres cargo test -p rollcall --test postgres -- --include-ignored`.

mod again;
mod both_schemas;
mod catalogue;
mod copying;
#[path = "../../benches/shared/data.rs"]
mod data;
#[path = "../api/support/database.rs"]
mod database;
mod faults;
mod growth;
mod hosts;
mod leavers;
mod ledger;
mod line;
mod load;
mod pgbouncer;
mod pool;
#[path = "../process/mod.rs"]
mod process;
mod proxy;
mod server;
mod shards;
mod starting;
mod strangers;
mod tls;
mod wire;
