//! The matrix of isolation: every operation of the document, sent by everybody who must not reach what it is aimed at,
//! and by everybody who may. A new operation fails until it has its line in `../operations.rs`.

mod actors;
mod latency;
mod mixtures;
mod privacy;
mod roles;
mod tenant;
mod trespass;

use std::time::Duration;

use http::Method;
use serde_json::Value;

use self::actors::Actor;
use self::tenant::Tenant;
use crate::operations::{Aim, Operation};
use crate::support::{Answer, Server};

/// A server with two tenants, whose first tokens have expired, where nothing is left to be sent.
struct World {
    server: Server,
    victim: Tenant,
    other: Tenant,
    expired: String,
}

impl World {
    async fn new() -> Self {
        let server = Server::start().await;
        let (mut victim, mut other) =
            (Tenant::new(&server, "quokkavictim").await, Tenant::new(&server, "numbatother").await);
        let expired = victim.root.token.clone();
        server.advance(Duration::from_secs(3_601));
        victim.sign_in_again(&server).await;
        other.sign_in_again(&server).await;
        Self { server, victim, other, expired }
    }

    /// Sends a request as somebody, under an id that answers can be compared by.
    async fn send(&self, actor: &Actor, ask: &Ask<'_>, aim: &Aim) -> Answer {
        let mut request = self.server.request(ask.method.clone(), &ask.operation.path(ask.template, aim));
        for header in &actor.headers {
            request = request.header("authorization", header);
        }
        if let Some(body) = ask.body.clone().or_else(|| ask.operation.body_for(aim)) {
            request = request.json(&body);
        }
        if let Some(cookie) = &actor.cookie {
            request = request.header("cookie", cookie);
        }
        request.header("x-request-id", "matrix").send().await
    }
}

/// An operation that is about to be asked for.
struct Ask<'a> {
    method: &'a Method,
    template: &'a str,
    operation: &'static Operation,
    /// In place of the operation's own.
    body: Option<Value>,
}

/// What was found to be wrong, and how much was looked at.
#[derive(Default)]
struct Findings {
    checks: usize,
    wrong: Vec<String>,
}

impl Findings {
    fn check(&mut self, holds: bool, what: impl FnOnce() -> String) {
        self.checks += 1;
        if !holds {
            self.wrong.push(what());
        }
    }

    /// Nothing of a tenant stands in an answer.
    fn silent(&mut self, answer: &Answer, tenant: &Tenant, who: &str) {
        let text = String::from_utf8_lossy(&answer.bytes).to_lowercase();
        let told = tenant.secrets().into_iter().find(|secret| text.contains(secret));
        self.check(told.is_none(), || format!("{who}: the answer tells {told:?}: {text}"));
    }

    fn report(&self, matrix: &str) {
        println!("{matrix}: {} checks, {} findings", self.checks, self.wrong.len());
        assert!(self.wrong.is_empty(), "\n{}", self.wrong.join("\n"));
    }
}

/// Status, headers and body: all that a client could tell two answers apart by.
fn seen(answer: &Answer) -> (u16, Vec<(String, String)>, &[u8]) {
    let headers = answer.headers.iter().filter(|(name, _)| *name != "date");
    let headers = headers.map(|(name, value)| (name.to_string(), format!("{value:?}")));
    (answer.status.as_u16(), headers.collect(), &answer.bytes)
}

/// Waits until nothing is left to be sent, so that whatever changes from then on was asked for.
async fn quiet(server: &Server) {
    for _ in 0..1_000 {
        let waiting: (i64,) = server
            .app
            .db
            .read(|reader| reader.fetch_one::<(i64,)>("select count(*) from outbox", ()))
            .await
            .expect("a count");
        if waiting.0 == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the outbox is never empty");
}
