//! Rollcall as it is shipped: filled beforehand, then started as the real program.

use std::path::Path;

use rollcall::db::Grouping;
use rollcall::entropy::SystemEntropy;
use rollcall::passwords::{Cost, Passwords};
use tokio::process::Command;

use crate::contestant::{Contestant, Folder};
use crate::data;
use crate::program::BUILT;

pub(crate) const PASSWORD: &str = "seven quiet lighthouses";

/// Starts it on a new SQLite file with so many customers.
pub(crate) async fn sqlite(customers: u32) -> Contestant {
    by("Rollcall on SQLite", BUILT.as_ref(), customers).await
}

/// The same with a program that was built along a profile.
pub(crate) async fn profiled(program: &Path, customers: u32) -> Contestant {
    by("Rollcall on SQLite, by `just pgo`", program, customers).await
}

async fn by(name: &'static str, built: &Path, customers: u32) -> Contestant {
    let folder = Folder::new("rollcall");
    fill(folder.path(), &[], customers).await;
    let mut command = program(built, folder.path());
    start(name, &mut command, Some(folder)).await
}

/// Starts so many processes of it on a new PostgreSQL database with so many customers.
pub(crate) async fn postgres(database: &str, processes: usize, customers: u32) -> Vec<Contestant> {
    let folder = Folder::new("rollcall");
    let url = format!("{database}?sslmode=disable");
    fill(folder.path(), &[("ROLLCALL_DATABASE_URL", &url)], customers).await;
    let (path, mut folder) = (folder.path().to_owned(), Some(folder));
    let mut started = Vec::new();
    for _ in 0..processes {
        let mut command = program(BUILT.as_ref(), &path);
        command.args(["--database-url", &url]);
        started.push(start("Rollcall on PostgreSQL", &mut command, folder.take()).await);
    }
    started
}

async fn start(name: &'static str, command: &mut Command, folder: Option<Folder>) -> Contestant {
    let members = format!("/v1/team/{}/members", data::team(0));
    Contestant::start(name, command, data::token(0).as_str().to_owned(), members, folder).await
}

async fn fill(folder: &Path, settings: &[(&str, &str)], customers: u32) {
    let hash = Passwords::new(Cost::SERVICE, 1, &SystemEntropy).hash(PASSWORD, &SystemEntropy).await;
    let running = data::start(folder, settings, Grouping::Shared).await;
    data::fill(&running.app.db, customers, &hash.expect("hashed")).await;
    running.stop(tokio::time::Instant::now()).await;
}

fn program(built: &Path, folder: &Path) -> Command {
    let mut command = Command::new(built);
    // What this run was told about its databases is no setting of the program.
    command.env_clear();
    command.args(["serve", "--listen", "127.0.0.1:0", "--log", "warn", "--rate-limits", "off", "--data-dir"]);
    command.arg(folder);
    command
}
