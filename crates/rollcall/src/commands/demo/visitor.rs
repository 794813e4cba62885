//! Calls the operations as a client does, without a socket, and reads codes from the mailbox.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use jiff::{SignedDuration, Timestamp};
use rollcall::app::App;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::theatre::Theatre;

/// When an access token is exchanged for a fresh one.
const FRESH: SignedDuration = SignedDuration::from_mins(50);
/// How long a message may take into the mailbox, in steps of 20 ms.
const PATIENCE: usize = 500;

pub(super) struct Visitor {
    app: App,
    router: axum::Router,
    password: String,
    theatre: Arc<Theatre>,
    /// Messages that were read: a code serves once.
    read: Mutex<HashSet<String>>,
}

pub(super) struct Person {
    pub(super) customer_id: String,
    pub(super) email: String,
    pub(super) password: String,
    tokens: Mutex<Tokens>,
    /// The browser or program that they use, and from where.
    surroundings: (&'static str, u8),
}

#[derive(Clone)]
struct Tokens {
    access: String,
    refresh: String,
    at: Timestamp,
}

impl Visitor {
    /// Everybody gets the same password, which nobody can guess: the demo may stand on a server that others reach.
    pub(super) fn new(app: App, theatre: Arc<Theatre>) -> Self {
        let random: [u8; 8] = app.random();
        let password = format!("demo-{}", random.map(|byte| format!("{byte:02x}")).concat());
        Self { router: rollcall::routes::router(&app), app, password, theatre, read: Mutex::default() }
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

    /// Signs in once more, with another program.
    pub(super) async fn sign_in(&self, email: &str) -> anyhow::Result<Person> {
        let surroundings = surroundings(email);
        let credentials = json!({"email": email, "password": self.password});
        let (_, answer) = self.request("POST", "/v1/auth", None, surroundings, &credentials).await?;
        Ok(Person {
            customer_id: text(&answer, "/customer/customer_id")?,
            email: email.to_owned(),
            password: self.password.clone(),
            tokens: Mutex::new(self.tokens(&answer)?),
            surroundings,
        })
    }

    fn tokens(&self, answer: &Value) -> anyhow::Result<Tokens> {
        let (access, refresh) = (text(answer, "/access_token")?, text(answer, "/refresh_token")?);
        Ok(Tokens { access, refresh, at: self.app.now() })
    }

    /// A token that has not run out, whatever the calendar says.
    async fn token(&self, person: &Person) -> anyhow::Result<String> {
        let held = person.tokens.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if self.app.now().duration_since(held.at) < FRESH {
            return Ok(held.access);
        }
        let spent = json!({"refresh_token": held.refresh});
        let (_, answer) = self.request("POST", "/v1/auth/refresh", None, person.surroundings, &spent).await?;
        let fresh = self.tokens(&answer)?;
        *person.tokens.lock().unwrap_or_else(PoisonError::into_inner) = fresh.clone();
        Ok(fresh.access)
    }

    pub(super) async fn team(&self, by: &Person, name: &str) -> anyhow::Result<String> {
        let answer = self.send("POST", "/v1/team", Some(by), &json!({"name": name})).await?;
        text(&answer, "/team/team_id")
    }

    /// Invites somebody, and gives the token of the link.
    pub(super) async fn invite(
        &self,
        by: &Person,
        team: &str,
        email: &str,
        role: &str,
    ) -> anyhow::Result<String> {
        let invitation = json!({"channel_value": email, "channel_type": "email", "role": role});
        self.send("POST", &format!("/v1/team/{team}/invitation"), Some(by), &invitation).await?;
        let message = self.message_for(email, |text| text.contains("/invitation?token=")).await?;
        let token =
            message.split("/invitation?token=").nth(1).and_then(|rest| rest.split_whitespace().next());
        token.map(str::to_owned).context("the invitation has no link")
    }

    /// Invites somebody new, who accepts.
    pub(super) async fn join(
        &self,
        by: &Person,
        team: &str,
        name: &str,
        surname: &str,
        role: &str,
    ) -> anyhow::Result<Person> {
        let email = format!("{}@example.com", name.to_lowercase());
        let token = self.invite(by, team, &email, role).await?;
        let accepted = json!({"token": token, "name": name, "surname": surname, "password": self.password});
        self.send("POST", "/v1/invitation/accept", None, &accepted).await?;
        self.sign_in(&email).await
    }

    /// Adds a channel, which gets a code.
    pub(super) async fn add(
        &self,
        by: &Person,
        owner: &str,
        kind: &str,
        value: &str,
    ) -> anyhow::Result<Value> {
        let path = format!("{owner}/notification-channel");
        let answer = self.send("POST", &path, Some(by), &json!({"value": value, "type": kind})).await?;
        Ok(answer.pointer("/notification_channel/priority").cloned().unwrap_or(json!(1)))
    }

    /// Adds a channel and verifies it by its code.
    pub(super) async fn channel(
        &self,
        by: &Person,
        owner: &str,
        kind: &str,
        value: &str,
    ) -> anyhow::Result<()> {
        self.channel_at(by, owner, kind, value, value).await
    }

    /// The same where messages go to another address than the channel's value.
    pub(super) async fn channel_at(
        &self,
        by: &Person,
        owner: &str,
        kind: &str,
        value: &str,
        address: &str,
    ) -> anyhow::Result<()> {
        let priority = self.add(by, owner, kind, value).await?;
        let code = self.code_for(address).await?;
        let proof = json!({"code": code, "priority": priority});
        self.send("PATCH", &format!("{owner}/notification-channel/verification"), Some(by), &proof).await?;
        Ok(())
    }

    /// Waits until every message was tried that is due.
    pub(super) async fn settle(&self) -> anyhow::Result<()> {
        for _ in 0..PATIENCE {
            let now = self.app.now();
            let waiting = self.app.db.read(move |reader| {
                reader.fetch_optional::<(i64,)>(
                    "select 1 from outbox where lease is not null or due_at <= $1 limit 1",
                    (now,),
                )
            });
            let waiting: Result<_, rollcall::db::Error> = waiting.await;
            if waiting?.is_none() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("some messages were not tried in time")
    }

    /// Sends a request and gives the body of its success.
    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        by: Option<&Person>,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let (token, surroundings) = match by {
            Some(person) => (Some(self.token(person).await?), person.surroundings),
            None => (None, surroundings("")),
        };
        let (success, answer) = self.request(method, path, token, surroundings, body).await?;
        if !success {
            bail!(
                "{method} {path} was refused: {}",
                answer["detail"].as_str().unwrap_or("no reason was given")
            );
        }
        Ok(answer)
    }

    /// Tries what is to be refused.
    pub(super) async fn refused(&self, method: &str, path: &str, body: &Value) -> anyhow::Result<()> {
        let (success, _) = self.request(method, path, None, surroundings("?"), body).await?;
        if success {
            bail!("{method} {path} was not refused");
        }
        Ok(())
    }

    /// Whether a request was a success, and its answer.
    async fn request(
        &self,
        method: &str,
        path: &str,
        token: Option<String>,
        (program, place): (&'static str, u8),
        body: &Value,
    ) -> anyhow::Result<(bool, Value)> {
        let mut request = Request::builder().method(method).uri(path).header("host", "localhost");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        // Addresses for documentation (RFC 5737).
        let from = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(203, 0, 113, place)), 443);
        let request = request.header("user-agent", program).header("content-type", "application/json");
        let request = request.extension(ConnectInfo(from)).body(body)?;
        let Ok(response) = self.router.clone().oneshot(request).await;
        let success = response.status().is_success();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await?;
        Ok((success, serde_json::from_slice(&bytes).unwrap_or_default()))
    }

    /// The code that a receiver has got: in the mailbox, or in the theatre.
    async fn code_for(&self, to: &str) -> anyhow::Result<String> {
        self.settle().await?;
        if let Some(code) = self.theatre.code(to) {
            return Ok(code);
        }
        let code = |text: &str| code_in(text).or_else(|| spoken(text));
        let message = self.message_for(to, |text| code(text).is_some()).await?;
        code(&message).context("the message has no code")
    }

    /// The newest message for a receiver that is one of those looked for and was not read before.
    async fn message_for(&self, to: &str, wanted: impl Fn(&str) -> bool) -> anyhow::Result<String> {
        for _ in 0..PATIENCE {
            let path = format!("/mailbox/messages?to={}", to.replace('+', "%2B"));
            let kept = self.send("GET", &path, None, &Value::Null).await?;
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

/// What somebody uses, and from where: the same for the same person.
fn surroundings(email: &str) -> (&'static str, u8) {
    const PROGRAMS: [&str; 4] = [
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1",
        "curl/8.14.1",
    ];
    let sum = email.bytes().fold(0_u8, u8::wrapping_add);
    (PROGRAMS[usize::from(sum) % PROGRAMS.len()], sum)
}

/// The code stands on a line of its own, or is the first six digits in a row; a call says them one by one.
pub(super) fn code_in(message: &str) -> Option<String> {
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    let alone = message.lines().map(str::trim).find(is_code);
    let in_row = || message.split(|c: char| !c.is_ascii_digit()).find(is_code);
    alone.or_else(in_row).map(str::to_owned)
}

/// The first six digits that a call says.
fn spoken(message: &str) -> Option<String> {
    let digits: String = message.chars().filter(char::is_ascii_digit).take(6).collect();
    (digits.len() == 6).then_some(digits)
}
