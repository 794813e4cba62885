//! PostgreSQL's contestants: databases of their own on a server that somebody else started, and pgbench with our statements.

mod scripts;
mod section;

use std::time::Duration;

pub(crate) use section::run;
use tokio::process::Command;

use crate::contestant::{Contestant, Folder, parent};
use crate::load::Figures;
use crate::peers;

/// A server, by the address of any of its databases.
pub(crate) struct Server {
    url: String,
}

impl Server {
    /// By an address such as `postgres://rollcall@127.0.0.1:5432/postgres?sslmode=disable`.
    pub(crate) fn at(url: &str) -> Self {
        Self { url: url.to_owned() }
    }

    /// A new database of that name; its address has no query, which not every driver understands.
    pub(crate) async fn database(&self, name: &str) -> String {
        self.drop_database(name).await;
        self.run(&self.url, &format!("create database {name}")).await;
        let server = self.url.rsplit_once('/').expect("a database").0;
        format!("{server}/{name}")
    }

    /// Ends a database, whoever is still connected to it.
    pub(crate) async fn drop_database(&self, name: &str) {
        self.run(&self.url, &format!("drop database if exists {name} with (force)")).await;
    }

    /// The server's first process, whose children serve connections: the parent of one that stays.
    pub(crate) async fn process(&self) -> u32 {
        let child = "select pid from pg_stat_activity where backend_type = 'checkpointer'";
        let mut query = Command::new("psql");
        query.args(["--quiet", "--tuples-only", "--no-align", "--command", child, &self.url]);
        let output = query.output().await.expect("psql is installed");
        let child: u32 = String::from_utf8_lossy(&output.stdout).trim().parse().expect("a process");
        parent(child).expect("the server is on this machine")
    }

    /// Runs a statement in a database.
    pub(crate) async fn run(&self, database: &str, sql: &str) {
        peers::run(Command::new("psql").args(["--quiet", "--command", sql, database])).await;
    }

    /// A new database with the peers' tables and rows.
    pub(crate) async fn peers(&self) -> String {
        let (database, folder) = (self.database("peers").await, Folder::new("seed"));
        let file = folder.path().join("seed.sql");
        std::fs::write(&file, peers::seed()).expect("written");
        let mut seed = Command::new("psql");
        peers::run(seed.args(["--quiet", "--set", "ON_ERROR_STOP=1", "--file"]).arg(&file).arg(&database))
            .await;
        database
    }
}

/// Runs the script as fast as so many connections can; a transaction counts as an answer.
pub(crate) async fn pgbench(database: &str, script: &str, clients: usize, run: Duration) -> Figures {
    let folder = Folder::new("pgbench");
    let file = folder.path().join("script.sql");
    std::fs::write(&file, script).expect("written");
    let (connections, seconds) = (clients.to_string(), run.as_secs().max(1).to_string());
    let output = Command::new("pgbench")
        .args(["--no-vacuum", "--protocol", "prepared", "--jobs", if clients > 1 { "2" } else { "1" }])
        .args(["--client", &connections, "--time", &seconds, "--file"])
        .arg(&file)
        .arg(database)
        .output()
        .await
        .expect("pgbench is installed");
    let text = String::from_utf8_lossy(&output.stdout);
    // A run that is over before anything was done has no figures.
    let figure = |name: &str| -> f64 {
        let rest = text.split(name).nth(1).and_then(|rest| rest.split_whitespace().next());
        rest.and_then(|word| word.parse().ok()).unwrap_or_default()
    };
    let (rate, average) = (figure("tps = "), figure("latency average = "));
    // A transaction that failed ends the run of its connection, which pgbench says.
    let errors = u64::from(!output.status.success() || text.contains("aborted"));
    Figures { rate, p50: average, p99: 0.0, errors, processor: 0.0 }
}

/// What takes part beside Rollcall.
pub(crate) async fn contestants(server: &Server) -> [Contestant; 2] {
    let database = server.peers().await;
    [peers::fastify_postgres(&database).await, peers::fastapi(&database).await]
}
