//! Rollcall as it is shipped: filled beforehand, then started as the real program.

use std::path::Path;

use rollcall::db::Grouping;
use rollcall::entropy::SystemEntropy;
use rollcall::passwords::{Cost, Passwords};
use tokio::process::Command;

use crate::contestant::{Contestant, Folder};
use crate::data;

pub(crate) const PASSWORD: &str = "seven quiet lighthouses";

/// Starts it on a new SQLite file with so many customers.
pub(crate) async fn sqlite(customers: u32) -> Contestant {
    let folder = Folder::new("rollcall");
    fill(folder.path(), &[], customers).await;
    let mut command = program(folder.path());
    start("Rollcall on SQLite", &mut command, folder).await
}

/// Starts it on a new PostgreSQL database.
pub(crate) async fn postgres(database: &str) -> Contestant {
    let folder = Folder::new("rollcall");
    let url = format!("{database}?sslmode=disable");
    fill(folder.path(), &[("ROLLCALL_DATABASE_URL", &url)], 100).await;
    let mut command = program(folder.path());
    start("Rollcall on PostgreSQL", command.args(["--database-url", &url]), folder).await
}

async fn start(name: &'static str, command: &mut Command, folder: Folder) -> Contestant {
    let members = format!("/v1/team/{}/members", data::team(0));
    Contestant::start(name, command, data::token(0).as_str().to_owned(), members, Some(folder)).await
}

async fn fill(folder: &Path, settings: &[(&str, &str)], customers: u32) {
    let hash = Passwords::new(Cost::SERVICE, 1, &SystemEntropy).hash(PASSWORD, &SystemEntropy).await;
    let running = data::start(folder, settings, Grouping::Shared).await;
    data::fill(&running.app.db, customers, &hash.expect("hashed")).await;
    running.stop(tokio::time::Instant::now()).await;
}

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--rate-limits", "off", "--data-dir"]);
    command.arg(folder);
    command
}
