//! How each limit is spent once. None: it was let through; else how long to wait.

use std::future::Future;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::Method;
use jiff::Timestamp;
use rollcall::db::Error;
use serde_json::{Value, json};

use super::world::{Turn, World};
use crate::support::channels::of;
use crate::support::notifications::alert;
use crate::support::{Answer, PASSWORD, Person};

const AGAIN: Duration = Duration::from_secs(61);

impl World {
    /// Spends one.
    pub(super) async fn spend(&self, what: &str, turn: &Turn<'_>) -> Option<Duration> {
        let (server, number) = (&self.server, turn.number);
        let ann = &self.people[0];
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
            "sign_up_mail" => {
                let email = turn.as_who;
                self.silent(self.sign_up(email, ""), 201).await
            }
            "sign_up_mailbox" => {
                let email = format!("z.oe+{number}@example.org");
                self.silent(self.sign_up(&email, ""), 201).await
            }
            "forgotten" => {
                self.gap(number);
                let body = json!({"email": turn.as_who});
                self.silent(self.open(Method::POST, "/v1/account/password", &body, ""), 200).await
            }
            "tries" => {
                if number == 7 {
                    self.resend(ann, 1).await;
                }
                waits(&server.verify(ann, &of(ann), 1, "000000").await, 422)
            }
            "resend_gap" => {
                // The first code went out with the channel.
                if number == 0 { None } else { waits(&self.resend(ann, 1).await, 200) }
            }
            "resend" => {
                self.gap(number + 1);
                waits(&self.resend(ann, 1).await, 200)
            }
            "wrong_channel_code" | "wrong_channel_code_in_a_row" => self.wrong_channel_code(what, turn).await,
            "email_channel" | "sms_channel" => {
                let kind = if what == "sms_channel" { "sms" } else { "email" };
                self.made_and_deleted(ann, kind, turn.as_who).await
            }
            "sms_channel_of_many" => {
                let by = self.again(number / 10 % 11 + usize::from(turn.other)).await;
                self.made_and_deleted(&by, "sms", turn.as_who).await
            }
            "sms_block" => waits(&self.add(ann, "sms", &format!("+99455201{number:04}")).await, 201),
            "sms_organization" => {
                let value = format!("+99455{:03}{number:04}", 201 + number / 40);
                waits(&self.add(ann, "sms", &value).await, 201)
            }
            "test" => waits(&self.test(ann, 1).await, 200),
            "test_hourly" => {
                if number == 5 || number == 10 {
                    server.advance(AGAIN);
                }
                waits(&self.test(ann, 1).await, 200)
            }
            "test_daily" => {
                if number > 0 && number % 25 == 0 {
                    server.advance(Duration::from_secs(3_601));
                }
                waits(&self.test(&self.again(0).await, number % 5 + 1).await, 200)
            }
            "retry" => {
                let row = server.log(ann, &of(ann)).await.remove(0);
                let id = row["delivery_id"].as_str().expect("an id");
                let path = format!("{}/notification-channel/deliveries/{id}/retry", of(ann));
                waits(&server.post(&path).token(&ann.token).send().await, 202)
            }
            "username_by" => waits(&self.username(ann, &format!("u{number}@example.org")).await, 200),
            "username_to" => waits(&self.username(&self.people[number % 4], turn.as_who).await, 200),
            "current_password" => {
                let body = json!({"current_password": "wrong-password", "password": "another-harbour-72"});
                waits(&server.put("/v1/account/password").token(&ann.token).json(&body).send().await, 401)
            }
            "remind" => waits(&server.reminding(ann, &self.teams[0], turn.as_who).send().await, 200),
            "invite" => self.invited(0, &format!("i{number}@example.org")).await,
            "invite_address" => self.invited(number % 2, turn.as_who).await,
            "invite_mailbox" => self.invited(number % 2, &format!("z.o.e+{number}@example.org")).await,
            "notify" | "notify_daily" => waits(&self.notify(ann).await, 202),
            "notify_number" => {
                if number > 0 && number % 50 == 0 {
                    server.advance(AGAIN);
                }
                waits(&self.notify(ann).await, 202)
            }
            what => panic!("nobody knows how to spend {what}"),
        }
    }

    /// Lets the minute between two codes go by, once for each number. Says whether it did.
    fn gap(&self, number: usize) -> bool {
        let new = self.last.fetch_max(number, Ordering::Relaxed) < number;
        if new {
            self.server.advance(AGAIN);
        }
        new
    }

    /// The same person with fresh tokens.
    async fn again(&self, number: usize) -> Person {
        self.server.again(&self.people[number]).await
    }

    async fn open(&self, method: Method, path: &str, body: &Value, from: &str) -> Answer {
        let request = self.server.request(method, path).json(body);
        let request = if from.is_empty() { request } else { request.header("x-forwarded-for", from) };
        request.send().await
    }

    async fn sign_up(&self, email: &str, from: &str) -> Answer {
        let account = json!({"name": "Ann", "surname": "Lee", "email": email, "password": PASSWORD});
        self.open(Method::POST, "/v1/account", &account, from).await
    }

    /// Where the answer is the same for everybody, it is the code in the storage that says whether one went out.
    async fn silent(&self, answer: impl Future<Output = Answer>, status: u16) -> Option<Duration> {
        let before = self.newest_code().await;
        assert_eq!(answer.await.status, status);
        (self.newest_code().await == before).then_some(Duration::ZERO)
    }

    async fn newest_code(&self) -> Option<Timestamp> {
        let sql = "select sent_at from one_time_code order by sent_at desc limit 1";
        let row: Result<Option<(Timestamp,)>, Error> =
            self.server.app.db.read(move |reader| reader.fetch_optional(sql, ())).await;
        row.expect("the storage answers").map(|(sent,)| sent)
    }

    async fn resend(&self, by: &Person, priority: usize) -> Answer {
        let path = format!("{}/notification-channel/verification", of(by));
        self.server.post(&path).token(&by.token).json(&json!({"priority": priority})).send().await
    }

    /// Five tries for each code; twenty a day where they are counted over days.
    async fn wrong_channel_code(&self, what: &str, turn: &Turn<'_>) -> Option<Duration> {
        let number = turn.number;
        if number > 0 && number.is_multiple_of(5) && self.gap(number) {
            if what == "wrong_channel_code_in_a_row" && number.is_multiple_of(20) {
                self.server.advance(Duration::from_secs(24 * 3_600));
            }
            let fresh = self.resend(&self.again(0).await, 1).await;
            assert_eq!(fresh.status, 200, "{}", fresh.body);
        }
        let by = self.again(0).await;
        waits(&self.server.verify(&by, &of(&by), 1, "000000").await, 422)
    }

    async fn add(&self, by: &Person, kind: &str, value: &str) -> Answer {
        let path = format!("{}/notification-channel", of(by));
        self.server.post(&path).token(&by.token).json(&json!({"type": kind, "value": value})).send().await
    }

    async fn made_and_deleted(&self, by: &Person, kind: &str, value: &str) -> Option<Duration> {
        let made = self.add(by, kind, value).await;
        if let Some(priority) = made.body["notification_channel"]["priority"].as_i64() {
            let path = format!("{}/notification-channel?priority={priority}", of(by));
            self.server.delete(&path).token(&by.token).expect(200).await;
        }
        waits(&made, 201)
    }

    async fn test(&self, by: &Person, priority: usize) -> Answer {
        let path = format!("{}/notification-channel/test", of(by));
        self.server.post(&path).token(&by.token).json(&json!({"priority": priority})).send().await
    }

    async fn notify(&self, by: &Person) -> Answer {
        self.server.post(&format!("{}/notification", of(by))).token(&by.token).json(&alert()).send().await
    }

    async fn username(&self, by: &Person, email: &str) -> Answer {
        self.server.put("/v1/customer/username").token(&by.token).json(&json!({"email": email})).send().await
    }

    /// Invites, and takes it back.
    async fn invited(&self, by: usize, email: &str) -> Option<Duration> {
        let (person, team) = (&self.people[by], &self.teams[by]);
        let answer = self.server.inviting(person, team, "email", email).send().await;
        if answer.status == 201 {
            self.server.withdrawing(person, team, email).expect(200).await;
        }
        waits(&answer, 201)
    }
}

/// How long a refusal asks to wait; what was let through has the status that it always has.
fn waits(answer: &Answer, let_through: u16) -> Option<Duration> {
    if answer.status == let_through {
        return None;
    }
    assert_eq!(answer.status, 429, "{}", answer.body);
    let code = answer.body["code"].as_str().unwrap_or_default();
    assert!(["rate_limited", "resend_too_soon", "attempts_exhausted"].contains(&code), "{}", answer.body);
    Some(Duration::from_secs(answer.retry_after()))
}
