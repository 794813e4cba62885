//! What a user would otherwise write: installed by package name beside the build, filled with the same rows, started.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use sha2::{Digest, Sha256};
use tokio::process::Command;

use crate::contestant::{Contestant, Folder};
use crate::load::peers;

pub(crate) const TOKEN: &str = "a-token-of-the-benchmark-that-is-as-long-as-others-are";
pub(crate) const TEAM: &str = "01900000-0000-7000-8000-000000000002";

/// Where packages are installed: kept from run to run.
fn installed() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("peers")
}

/// The Python programs of a virtual environment that has the peers' packages.
pub(crate) async fn python(program: &str) -> PathBuf {
    let folder = installed().join("python");
    if !folder.join("bin/pocketbase").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder)).await;
        let requirements = peers().join("fastapi/requirements.txt");
        run(Command::new(folder.join("bin/pip")).args(["install", "--quiet", "-r"]).arg(requirements)).await;
    }
    folder.join("bin").join(program)
}

/// The Fastify peer with its packages.
async fn fastify() -> PathBuf {
    let folder = installed().join("fastify");
    std::fs::create_dir_all(&folder).expect("a folder");
    for file in ["package.json", "server.js", "sqlite.js", "postgres.js"] {
        std::fs::copy(peers().join("fastify").join(file), folder.join(file)).expect("copied");
    }
    if !folder.join("node_modules/fastify").exists() {
        let mut install = Command::new("npm");
        install.current_dir(&folder).args(["install", "--no-audit", "--no-fund", "--loglevel=error"]);
        // Where no ready-made binary can be had, better-sqlite3 is compiled against the headers that came with Node.js.
        if Path::new("/usr/include/node/node.h").exists() {
            install.env("npm_config_nodedir", "/usr");
        }
        run(&mut install).await;
    }
    folder
}

/// Fastify with better-sqlite3: one process, as its synchronous calls want it; synced at each commit.
pub(crate) async fn fastify_sqlite() -> Contestant {
    fastify_with_channels(0).await
}

/// The same, whose team has so many channels that wait for the codes of [`code`].
pub(crate) async fn fastify_with_channels(count: u32) -> Contestant {
    let (program, folder) = (fastify().await, Folder::new("fastify"));
    let file = folder.path().join("seed.sql");
    std::fs::write(&file, seed() + &channels(count)).expect("written");
    let mut command = node(&program, "sqlite");
    command.env("DATABASE", folder.path().join("peer.db")).env("SEED", file);
    start("Fastify + better-sqlite3", &mut command, Some(folder)).await
}

/// Fastify with pg.
pub(crate) async fn fastify_postgres(database: &str) -> Contestant {
    let mut command = node(&fastify().await, "postgres");
    command.env("DATABASE", database);
    start("Fastify + pg", &mut command, None).await
}

/// `FastAPI` with `SQLAlchemy` and asyncpg, behind uvicorn on uvloop.
pub(crate) async fn fastapi(database: &str) -> Contestant {
    let port = free_port();
    let mut command = Command::new("sh");
    // uvicorn says where it listens on its standard error, in words of its own. It takes the shell's place, so that it ends with it.
    command.args([
        "-c",
        "(until curl -s -o /dev/null http://127.0.0.1:$1/; do sleep 0.1; done; echo http://127.0.0.1:$1) & \
                         exec \"$0\" app:app --port \"$1\" --log-level warning",
    ]);
    command.arg(python("uvicorn").await).arg(port.to_string()).current_dir(peers().join("fastapi"));
    command.env("DATABASE", database.replace("postgres://", "postgresql+asyncpg://"));
    start("FastAPI + SQLAlchemy + asyncpg", &mut command, None).await
}

async fn start(name: &'static str, command: &mut Command, folder: Option<Folder>) -> Contestant {
    Contestant::start(name, command, TOKEN.to_owned(), format!("/v1/team/{TEAM}/members"), folder).await
}

fn node(folder: &Path, store: &str) -> Command {
    let mut command = Command::new("node");
    command.arg("server.js").current_dir(folder);
    command
        .env("NODE_ENV", "production")
        .env("STORE", store)
        .env("STATEMENTS", peers().join("statements.json"));
    command
}

/// The peers' tables and rows.
pub(crate) fn seed() -> String {
    let seed = std::fs::read_to_string(peers().join("seed.sql")).expect("the peers' tables");
    seed.replace("{token_digest}", &hex::encode(Sha256::digest(TOKEN)))
}

fn channels(count: u32) -> String {
    let digest = |number| hex::encode(Sha256::digest(code(number)));
    let row = |number| {
        let digest = digest(number);
        format!(
            "insert into channel values ('{TEAM}', {number}, 'ops-{number}@example.com', '{digest}', 0, null);\n"
        )
    };
    format!("begin;\n{}commit;\n", (1..=count).map(row).collect::<String>())
}

/// The code of the peers' channel with this priority.
pub(crate) fn code(priority: u32) -> String {
    format!("{priority:06}")
}

/// A port that is free just now.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// Runs something that must succeed.
pub(crate) async fn run(command: &mut Command) {
    let status = command.stdout(Stdio::null()).status().await.expect("it is installed");
    assert!(status.success(), "{command:?} failed");
}
