//! Writers: each does what a team's manager does all day, writes it down before and after, and goes on until the server is gone.

use std::time::Duration;

use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::ledger::{Intent, Ledger};
use super::process::Program;
use super::settle::again;

/// As many as the trials say.
pub(crate) const WRITERS: usize = 16;

/// Where commands go.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) http: reqwest::Client,
    pub(crate) url: String,
    pub(crate) token: String,
    /// How long a writer's command may be refused because the server is too busy.
    patience: Duration,
}

impl Target {
    pub(crate) fn of(program: &Program, token: &str) -> Self {
        // Of this life of the server alone: no connection of the one before is tried.
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { http, url: program.url.clone(), token: token.to_owned(), patience: Duration::ZERO }
    }

    /// The same for a server that a tracer slows down: it may say for so long that it is too busy.
    pub(crate) fn patient(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    pub(crate) async fn send(&self, intent: &Intent) -> reqwest::Result<Response> {
        let method = Method::from_bytes(intent.method.as_bytes()).expect("a method");
        let request = self.http.request(method, format!("{}{}", self.url, intent.path));
        let request = request.header("idempotency-key", &intent.key).header("x-request-id", &intent.key);
        let request = request.bearer_auth(&self.token);
        if intent.body.is_null() { request.send().await } else { request.json(&intent.body).send().await }
    }
}

/// Starts all writers; `name` begins their keys: `key-` and something of this round. Each ends with the server, or after so many commands.
pub(crate) fn start(target: &Target, ledger: &Ledger, name: &str, commands: usize) -> Vec<JoinHandle<()>> {
    let writer = |number: usize| {
        let writer = Writer {
            target: target.clone(),
            ledger: ledger.clone(),
            name: format!("{name}{number}"),
            asked: 0,
            left: commands,
        };
        tokio::spawn(async move {
            // None: the server is gone, or it is enough.
            let _ = writer.work().await;
        })
    };
    (0..WRITERS).map(writer).collect()
}

struct Writer {
    target: Target,
    ledger: Ledger,
    name: String,
    asked: usize,
    left: usize,
}

impl Writer {
    async fn work(mut self) -> Option<()> {
        loop {
            let name = self.next();
            let facts = ["team", "creator of", "place of"].map(|fact| format!("{fact} {name}"));
            let made = self.ask("POST", "/v1/team", json!({"name": name}), &facts, &[]).await?;
            let team = id(&made, "/team/team_id");

            let service = self.next();
            let (there, placed) = (format!("service {service}"), format!("place of {service}"));
            let body = json!({"name": service, "team_id": team});
            let made = self.ask("POST", "/v1/service", body, &[there.clone(), placed.clone()], &[]).await?;
            let service = format!("/v1/service/{}", id(&made, "/service/service_id"));

            let address = format!("{}@invited.example", self.next());
            let facts = ["invitation", "link"].map(|fact| format!("{fact} {address}"));
            let body = json!({"channel_value": address, "channel_type": "email"});
            self.ask("POST", &format!("/v1/team/{team}/invitation"), body, &facts, &[]).await?;

            let key = self.next();
            let facts = ["channel", "code", "delivery", "letter"].map(|fact| format!("{fact} {key}"));
            let body = json!({"type": "email", "value": format!("{key}@channel.example")});
            self.ask("POST", &format!("/v1/team/{team}/notification-channel"), body, &facts, &[]).await?;

            let name = self.next();
            let (renamed, moved) = (format!("service {name}"), format!("place of {name}"));
            let (appear, vanish) = ([renamed.clone(), moved.clone()], [there, placed]);
            self.ask("PUT", &service, json!({"name": name}), &appear, &vanish).await?;

            self.next();
            self.ask("DELETE", &service, Value::Null, &[], &[renamed, moved]).await?;
        }
    }

    /// The key of the next command, which is also the name of what it makes.
    fn next(&mut self) -> String {
        self.asked += 1;
        self.key()
    }

    fn key(&self) -> String {
        format!("{}-{}", self.name, self.asked)
    }

    async fn ask(
        &mut self,
        method: &str,
        path: &str,
        body: Value,
        appear: &[String],
        vanish: &[String],
    ) -> Option<Value> {
        self.left = self.left.checked_sub(1)?;
        let key = self.key();
        // Each command leaves its event and, since it has a key, its answer.
        let own = [format!("event {key}"), format!("answer {key}")];
        let intent = Intent {
            method: method.to_owned(),
            path: path.to_owned(),
            body,
            appear: appear.iter().chain(&own).cloned().collect(),
            vanish: vanish.to_vec(),
            key,
        };
        self.ledger.intend(&intent).await;
        let (answer, _) = again(&self.target, &intent, self.target.patience).await.ok()?;
        self.ledger.acknowledge(&intent.key, &answer).await;
        Some(serde_json::from_str(&answer).expect("JSON"))
    }
}

fn id(answer: &Value, pointer: &str) -> String {
    answer.pointer(pointer).and_then(Value::as_str).expect("an id").to_owned()
}
