//! Through a pooler (`PgBouncer`) of transactions: prepared statements follow their connection from one server connection to the next.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::load::Load;
use super::server::{Server, as_user};

/// Fewer connections to the server than the program has to the pooler, so that they are handed around.
const TO_SERVER: i64 = 3;

/// The pooler before a server.
struct Pooler<'a> {
    server: &'a Server,
    port: u16,
    process: Child,
}

/// Where `scripts/pgbouncer` leaves it.
#[expect(clippy::disallowed_methods, reason = "a switch of the tests, not a setting")]
fn program() -> PathBuf {
    let usual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/pgbouncer/pgbouncer");
    let path = std::env::var_os("PGBOUNCER").map_or(usual, PathBuf::from);
    assert!(path.exists(), "run ./scripts/pgbouncer first");
    path
}

impl<'a> Pooler<'a> {
    async fn before(server: &'a Server) -> Self {
        let port = server.port() + 10_000;
        let settings = format!(
            "[databases]\npostgres = host=127.0.0.1 port={} dbname=postgres\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = trust\nauth_file = {}\npool_mode = transaction\nmax_prepared_statements = 200\n\
             default_pool_size = {TO_SERVER}\nserver_login_retry = 1\n",
            server.port(),
            server.file("users").display()
        );
        server.write("users", "\"rollcall\" \"\"\n");
        server.write("pgbouncer.ini", &settings);
        let process = Self::start(server);
        let pooler = Self { server, port, process };
        pooler.answers().await;
        pooler
    }

    fn start(server: &Server) -> Child {
        // Where the user of the server may run it.
        let program = std::fs::canonicalize(program()).expect("a program");
        let own = server.file("pgbouncer");
        if !own.exists() {
            std::fs::copy(program, &own).expect("copied");
        }
        let mut command = as_user(own.to_str().expect("a path"));
        command.arg(server.file("pgbouncer.ini")).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("it starts")
    }

    async fn answers(&self) {
        let end = Instant::now() + Duration::from_secs(5);
        while tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            assert!(Instant::now() < end, "the pooler does not start");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn url(&self) -> String {
        format!("postgres://rollcall@127.0.0.1:{}/postgres?sslmode=disable", self.port)
    }

    fn kill(&mut self) {
        self.process.kill().expect("killed");
        self.process.wait().expect("ended");
    }
}

impl Drop for Pooler<'_> {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn behind_a_pooler_of_transactions_statements_stay_prepared_and_nothing_is_lost() {
    let server = Server::new("");
    let mut pooler = Pooler::before(&server).await;
    let load = Load::new(&pooler.url()).await;
    let client = server.client().await;
    let running = load.run("quiet");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let most = load.connections(&client).await;
    let ledger = running.end().await;
    assert_eq!(ledger.refused(), 0, "the pooler shows");
    assert!((1..=TO_SERVER).contains(&most), "{most} connections to the server");
    let quiet = ledger.good();

    let running = load.run("killed");
    tokio::time::sleep(Duration::from_secs(1)).await;
    pooler.kill();
    tokio::time::sleep(Duration::from_secs(1)).await;
    pooler.process = Pooler::start(pooler.server);
    pooler.answers().await;
    let back = Instant::now();
    tokio::time::sleep(Duration::from_secs(6)).await;
    let both = ledger.and(running.end().await);
    assert!(both.refused() > 0, "nobody noticed");
    let line = both.settle(&load, &client, back).await;
    println!(
        "PgBouncer, {TO_SERVER} connections for 8: {quiet} writes, none refused; then it was killed and started: {line}"
    );
}
