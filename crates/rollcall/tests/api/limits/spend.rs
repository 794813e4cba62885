//! How each limit is spent once. None: it was let through; else how long to wait.

use std::future::Future;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::Method;
use jiff::Timestamp;
use rollcall::db::Error;
use serde_json::{Value, json};

use super::world::{AGAIN, Turn, World};
use crate::support::{Answer, PASSWORD, Person};

impl World {
    /// Spends one.
    pub(super) async fn spend(&self, what: &str, turn: &Turn<'_>) -> Option<Duration> {
        let (server, number) = (&self.server, turn.number);
        match what {
            "sign_up" => waits(
                &self.sign_up(&format!("a{number}{}@example.org", turn.as_who.len()), turn.as_who).await,
                201,
            ),
            "wrong_password" => {
                let body = json!({"email": format!("c{number}@example.org"), "password": "wrong-password"});
                waits(&self.open(Method::POST, "/v1/auth", &body, turn.as_who).await, 401)
            }
            "wrong_code" | "wrong_code_of_anybody" => {
                let body = json!({"email": format!("b{number}@example.org"), "confirmation_code": "000000"});
                waits(&self.open(Method::PATCH, "/v1/account", &body, turn.as_who).await, 422)
            }
            "wrong_password_code" => {
                let body = json!({"email": format!("b{number}@example.org"), "code": "000000", "password": PASSWORD});
                waits(&self.open(Method::PATCH, "/v1/account/password", &body, turn.as_who).await, 422)
            }
            "ask_for_password" | "ask_for_sign_up" => {
                let body = json!({"email": format!("d{number}@example.org")});
                let path = if what == "ask_for_password" {
                    "/v1/account/password"
                } else {
                    "/v1/account/confirmation-code"
                };
                waits(&self.open(Method::POST, path, &body, turn.as_who).await, 200)
            }
            "sign_up_mail" => {
                let email = turn.as_who;
                self.silent(self.sign_up(email, ""), 201).await
            }
            "sign_up_mailbox" => {
                let email = format!("{}+{number}@example.org", mailbox(turn));
                self.silent(self.sign_up(&email, ""), 201).await
            }
            "forgotten" => {
                self.gap(number);
                let body = json!({"email": turn.as_who});
                self.silent(self.open(Method::POST, "/v1/account/password", &body, ""), 200).await
            }
            "resend_sign_up" => {
                self.gap(number);
                let body = json!({"email": turn.as_who});
                self.silent(self.open(Method::POST, "/v1/account/confirmation-code", &body, ""), 200).await
            }
            "tries" => {
                if number == 7 {
                    self.resend(turn).await;
                }
                self.wrong_code_now(turn).await
            }
            // The first code went out with the channel.
            "resend_gap" if number == 0 => None,
            "resend_gap" => waits(&self.resend(turn).await, 200),
            "resend" => {
                self.gap(number + 1);
                waits(&self.resend(turn).await, 200)
            }
            "wrong_channel_code" | "wrong_channel_code_in_a_row" => self.wrong_channel_code(what, turn).await,
            "wrong_reset_code" => self.wrong_reset_code(turn).await,
            "wrong_username_code" => self.wrong_username_code(turn).await,
            "username_by" => {
                waits(&self.username(&self.people[turn.other], &format!("u{number}@example.org")).await, 200)
            }
            "mailbox_username" => {
                let email = format!("{}+{number}@example.org", mailbox(turn));
                // Each of many may ask ten times.
                waits(&self.username(&self.people[number / 10 % 11 + turn.other], &email).await, 200)
            }
            "username_to" => waits(&self.username(&self.people[number % 4], turn.as_who).await, 200),
            "current_password" => {
                let body = json!({"current_password": "wrong-password", "password": "another-harbour-72"});
                let by = &self.people[turn.other];
                waits(&server.put("/v1/account/password").token(&by.token).json(&body).send().await, 401)
            }
            what => self.spend_message(what, turn).await,
        }
    }

    /// Lets the minute between two codes go by, once for each number.
    pub(super) fn gap(&self, number: usize) {
        if self.once(number) {
            self.server.advance(AGAIN);
        }
    }

    /// Whether no number so high has come before.
    pub(super) fn once(&self, number: usize) -> bool {
        self.last.fetch_max(number, Ordering::Relaxed) < number
    }

    /// The same person with fresh tokens.
    pub(super) async fn again(&self, number: usize) -> Person {
        self.server.again(&self.people[number]).await
    }

    pub(super) async fn open(&self, method: Method, path: &str, body: &Value, from: &str) -> Answer {
        let request = self.server.request(method, path).json(body);
        let request = if from.is_empty() { request } else { request.header("x-forwarded-for", from) };
        request.send().await
    }

    pub(super) async fn sign_up(&self, email: &str, from: &str) -> Answer {
        let account = json!({"name": "Ann", "surname": "Lee", "email": email, "password": PASSWORD});
        self.open(Method::POST, "/v1/account", &account, from).await
    }

    /// Where the answer is the same for everybody, it is the code in the storage that says whether one went out.
    async fn silent(&self, answer: impl Future<Output = Answer>, status: u16) -> Option<Duration> {
        let before = self.newest_code().await;
        assert_eq!(answer.await.status, status);
        (self.newest_code().await <= before).then_some(Duration::ZERO)
    }

    async fn newest_code(&self) -> Option<Timestamp> {
        let sql = "select sent_at from one_time_code order by sent_at desc limit 1";
        let row: Result<Option<(Timestamp,)>, Error> =
            self.server.app.db.read(move |reader| reader.fetch_optional(sql, ())).await;
        row.expect("the storage answers").map(|(sent,)| sent)
    }

    pub(super) async fn username(&self, by: &Person, email: &str) -> Answer {
        self.server.put("/v1/customer/username").token(&by.token).json(&json!({"email": email})).send().await
    }
}

/// One that is counted however it is tagged.
pub(super) fn mailbox(turn: &Turn<'_>) -> &'static str {
    if turn.other > 0 { "y.an" } else { "z.oe" }
}

/// How long a refusal asks to wait; what was let through has the status that it always has.
pub(super) fn waits(answer: &Answer, let_through: u16) -> Option<Duration> {
    if answer.status == let_through {
        return None;
    }
    assert_eq!(answer.status, 429, "{}", answer.body);
    let code = answer.body["code"].as_str().unwrap_or_default();
    assert!(["rate_limited", "resend_too_soon", "attempts_exhausted"].contains(&code), "{}", answer.body);
    Some(Duration::from_secs(answer.retry_after()))
}
