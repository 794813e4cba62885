//! Clients that go on writing and reading while the database is in trouble, and what they were told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_postgres::Client;

use super::ledger::Ledger;
use super::process::{Folder, Program};

/// Clients that write, each one thing after the other.
const CLIENTS: u32 = 12;
/// Connections of the program.
pub(crate) const POOL: i64 = 8;

/// A program on a database, with somebody who may write.
pub(crate) struct Load {
    pub(crate) program: Arc<Program>,
    pub(crate) token: String,
    pub(crate) folder: Folder,
    pub(crate) url: String,
    application: String,
}

/// A write that can be asked for again.
#[derive(Debug, Clone)]
pub(crate) struct Write {
    pub(crate) kind: Kind,
    /// What it writes, which nothing else does.
    pub(crate) name: String,
    method: reqwest::Method,
    path: String,
    body: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Team,
    Rename,
    Feedback,
}

/// What somebody was told.
#[derive(Debug)]
pub(crate) struct Told {
    /// None of a read.
    pub(crate) write: Option<Write>,
    pub(crate) begun: Instant,
    pub(crate) took: Duration,
    pub(crate) status: u16,
    pub(crate) retry_after: bool,
    pub(crate) replayed: bool,
    pub(crate) body: Value,
}

impl Told {
    pub(crate) fn good(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// How long a trial lasts: as long as here with every test run, or its long form where `TRIALS` is set.
#[expect(clippy::disallowed_methods, reason = "a switch of the trials, not a setting")]
pub(crate) fn lasting(short: u64, long: u64) -> Duration {
    Duration::from_secs(if std::env::var_os("TRIALS").is_some() { long } else { short })
}

impl Load {
    /// Starts the program on the database of a URL.
    pub(crate) async fn new(url: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        // A name that no connections but these have.
        let application = format!("rollcall-{}-{count}", std::process::id());
        let folder = Folder::new();
        let with = format!("{url}&application_name={application}&pool_size={POOL}");
        let serve = || {
            let settings = [("ROLLCALL_DATABASE_URL", with.as_str()), ("ROLLCALL_RATE_LIMITS", "off")];
            folder.serve(&settings)
        };
        // The program is waited for by a thread, while this one may carry its bytes.
        let program = tokio::task::block_in_place(serve);
        let token = program.sign_up("Ann").await;
        Self { program: Arc::new(program), token, folder, url: with, application }
    }

    /// Lets the clients go on until they are told to stop. `stage` keeps what they write apart.
    pub(crate) fn run(&self, stage: &'static str) -> Running {
        let stop = Arc::new(AtomicBool::new(false));
        let client = |number| {
            let (program, token, stop) = (Arc::clone(&self.program), self.token.clone(), Arc::clone(&stop));
            tokio::spawn(async move {
                let (client, mut told) = (Sender { program, token }, Vec::new());
                for round in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    client.round(&format!("{stage} {number} {round}"), &mut told).await;
                    if told.last().is_some_and(|told| !told.good()) {
                        // As long as a person in a hurry, not as long as `Retry-After` says.
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
                told
            })
        };
        let clients = (0..CLIENTS).map(client).collect();
        Running { stop, clients }
    }

    /// Asks for one write.
    pub(crate) async fn send(&self, write: Write) -> Told {
        Sender { program: Arc::clone(&self.program), token: self.token.clone() }.write(write).await
    }

    /// How many connections the server counts of this program.
    pub(crate) async fn connections(&self, server: &Client) -> i64 {
        let count = "select count(*) from pg_stat_activity where application_name = $1";
        server.query_one(count, &[&self.application]).await.expect("a count").get(0)
    }

    /// Ends some of them.
    pub(crate) async fn end_connections(&self, server: &Client, some: i64) -> i64 {
        let end = "select count(pg_terminate_backend(pid)) from (
                     select pid from pg_stat_activity where application_name = $1 order by random() limit $2) chosen";
        server.query_one(end, &[&self.application, &some]).await.expect("ended").get(0)
    }
}

/// Clients that go on.
pub(crate) struct Running {
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Vec<Told>>>,
}

impl Running {
    /// Has them stop, and gives what they were told.
    pub(crate) async fn end(self) -> Ledger {
        self.stop.store(true, Ordering::Relaxed);
        let told = join_all(self.clients).await.into_iter();
        Ledger::new(told.flat_map(|told| told.expect("a client")).collect())
    }
}

/// Makes a team.
pub(crate) fn team(name: &str) -> Write {
    let (method, path) = (reqwest::Method::POST, "/v1/team".to_owned());
    Write { kind: Kind::Team, name: name.to_owned(), method, path, body: json!({"name": name}) }
}

struct Sender {
    program: Arc<Program>,
    token: String,
}

impl Sender {
    /// A team, its new name, a word of feedback and a look at the list.
    async fn round(&self, name: &str, told: &mut Vec<Told>) {
        let made = self.write(team(name)).await;
        if made.good() {
            let path = format!("/v1/team/{}", made.body["team"]["team_id"].as_str().expect("an id"));
            let (kind, name) = (Kind::Rename, format!("{name} renamed"));
            let body = json!({"name": name});
            told.push(self.write(Write { kind, name, method: reqwest::Method::PUT, path, body }).await);
        }
        told.push(made);
        let (kind, name, path) =
            (Kind::Feedback, format!("feedback {name}"), "/v1/customer/feedback".to_owned());
        let body = json!({"message": name});
        told.push(self.write(Write { kind, name, method: reqwest::Method::POST, path, body }).await);
        let list = self.program.http.get(format!("{}/v1/teams?limit=5", self.program.url));
        told.push(self.ask(list, None).await);
    }

    async fn write(&self, write: Write) -> Told {
        let request =
            self.program.http.request(write.method.clone(), format!("{}{}", self.program.url, write.path));
        let key = write.name.replace(' ', "-");
        self.ask(request.header("idempotency-key", key).json(&write.body), Some(write)).await
    }

    async fn ask(&self, request: reqwest::RequestBuilder, write: Option<Write>) -> Told {
        let begun = Instant::now();
        let answer = request.bearer_auth(&self.token).send().await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.json().await.expect("JSON");
        let (retry_after, replayed) =
            (headers.contains_key("retry-after"), headers.contains_key("idempotency-replayed"));
        Told { write, begun, took: begun.elapsed(), status, retry_after, replayed, body }
    }
}
