//! Calls the operations as a client does, without a socket, and reads codes from the mailbox.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use axum::body::Body;
use axum::extract::Request;
use rollcall::app::App;
use serde_json::{Value, json};
use tower::ServiceExt;

/// How long a message may take into the mailbox, in steps of 20 ms.
const PATIENCE: usize = 500;

pub(super) struct Visitor {
    app: App,
    router: axum::Router,
    password: String,
    /// Messages that were read: a code serves once.
    read: Mutex<HashSet<String>>,
}

pub(super) struct Person {
    pub(super) customer_id: String,
    pub(super) email: String,
    pub(super) password: String,
    token: String,
}

impl Visitor {
    /// Everybody gets the same password, which nobody can guess: the demo may stand on a server that others reach.
    pub(super) fn new(app: App) -> Self {
        let random: [u8; 8] = app.random();
        let password = format!("demo-{}", random.map(|byte| format!("{byte:02x}")).concat());
        Self { router: rollcall::routes::router(&app), app, password, read: Mutex::default() }
    }

    /// Whether nobody is here yet.
    pub(super) async fn is_first(&self) -> anyhow::Result<bool> {
        let found =
            self.app.db.read(|reader| reader.fetch_optional::<(i64,)>("select 1 from identity limit 1", ()));
        let found: Result<_, rollcall::db::Error> = found.await;
        Ok(found?.is_none())
    }

    pub(super) async fn sign_up(&self, name: &str, surname: &str) -> anyhow::Result<Person> {
        let email = format!("{}@example.com", name.to_lowercase());
        let account = json!({"name": name, "surname": surname, "email": email, "password": self.password});
        self.send("POST", "/v1/account", None, &account).await?;
        let code = self.code_for(&email).await?;
        let proof = json!({"email": email, "confirmation_code": code});
        self.send("PATCH", "/v1/account", None, &proof).await?;
        self.sign_in(&email).await
    }

    async fn sign_in(&self, email: &str) -> anyhow::Result<Person> {
        let credentials = json!({"email": email, "password": self.password});
        let answer = self.send("POST", "/v1/auth", None, &credentials).await?;
        Ok(Person {
            customer_id: text(&answer, "/customer/customer_id")?,
            email: email.to_owned(),
            password: self.password.clone(),
            token: text(&answer, "/access_token")?,
        })
    }

    pub(super) async fn team(&self, by: &Person, name: &str) -> anyhow::Result<String> {
        let answer = self.send("POST", "/v1/team", Some(by), &json!({"name": name})).await?;
        text(&answer, "/team/team_id")
    }

    /// Invites somebody, who accepts.
    pub(super) async fn join(
        &self,
        by: &Person,
        team: &str,
        name: &str,
        surname: &str,
        role: &str,
    ) -> anyhow::Result<Person> {
        let email = format!("{}@example.com", name.to_lowercase());
        let invitation = json!({"channel_value": email, "channel_type": "email", "role": role});
        self.send("POST", &format!("/v1/team/{team}/invitation"), Some(by), &invitation).await?;
        let message = self.message_for(&email, |text| text.contains("/invitation?token=")).await?;
        let token =
            message.split("/invitation?token=").nth(1).and_then(|rest| rest.split_whitespace().next());
        let token = token.context("the invitation has no link")?;
        let accepted = json!({"token": token, "name": name, "surname": surname, "password": self.password});
        self.send("POST", "/v1/invitation/accept", None, &accepted).await?;
        self.sign_in(&email).await
    }

    /// Adds a channel and verifies it by its code.
    pub(super) async fn channel(
        &self,
        by: &Person,
        owner: &str,
        kind: &str,
        value: &str,
    ) -> anyhow::Result<()> {
        let path = format!("{owner}/notification-channel");
        let answer = self.send("POST", &path, Some(by), &json!({"value": value, "type": kind})).await?;
        let priority = answer.pointer("/notification_channel/priority").cloned().unwrap_or(json!(1));
        let code = self.code_for(value).await?;
        let proof = json!({"code": code, "priority": priority});
        self.send("PATCH", &format!("{path}/verification"), Some(by), &proof).await?;
        Ok(())
    }

    /// Waits until no message waits any more.
    pub(super) async fn all_is_delivered(&self) -> anyhow::Result<()> {
        for _ in 0..PATIENCE {
            let waiting = self
                .app
                .db
                .read(|reader| reader.fetch_optional::<(i64,)>("select 1 from outbox limit 1", ()));
            let waiting: Result<_, rollcall::db::Error> = waiting.await;
            if waiting?.is_none() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("some messages did not reach the mailbox")
    }

    /// Sends a request and gives the body of its success.
    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        by: Option<&Person>,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let mut request = Request::builder().method(method).uri(path).header("host", "localhost");
        if let Some(person) = by {
            request = request.header("authorization", format!("Bearer {}", person.token));
        }
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let request = request.header("content-type", "application/json").body(body)?;
        let Ok(response) = self.router.clone().oneshot(request).await;
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await?;
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        if !status.is_success() {
            bail!(
                "{method} {path} was refused: {}",
                answer["detail"].as_str().unwrap_or("no reason was given")
            );
        }
        Ok(answer)
    }

    async fn code_for(&self, to: &str) -> anyhow::Result<String> {
        let message = self.message_for(to, |text| code_in(text).is_some()).await?;
        code_in(&message).context("the message has no code")
    }

    /// The newest message for a receiver that is one of those looked for and was not read before.
    async fn message_for(&self, to: &str, wanted: impl Fn(&str) -> bool) -> anyhow::Result<String> {
        for _ in 0..PATIENCE {
            let kept = self.send("GET", &format!("/mailbox/messages?to={to}"), None, &Value::Null).await?;
            for message in kept["data"].as_array().into_iter().flatten() {
                let (id, text) = (text(message, "/message_id")?, text(message, "/text")?);
                if wanted(&text) && self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(id) {
                    return Ok(text);
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("no message for {to} reached the mailbox")
    }
}

fn text(answer: &Value, pointer: &str) -> anyhow::Result<String> {
    let found = answer.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| anyhow!("an answer lacks {pointer}"))
}

/// The code stands on a line of its own.
fn code_in(message: &str) -> Option<String> {
    let mut lines = message.lines().map(str::trim);
    lines.find(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit())).map(str::to_owned)
}
