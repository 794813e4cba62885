//! Messages that stay in the built-in mailbox, where a server has no transport for them.

use std::time::Duration;

use rollcall::db::Error;
use serde_json::json;
use tokio::time::timeout;

use super::{PASSWORD, Person, Server};

impl Server {
    /// Signs a person up by the code that the mailbox has.
    pub(crate) async fn person_by_mailbox(&self, name: &str) -> Person {
        let email = format!("{}@example.com", name.to_lowercase());
        let account = json!({"name": name, "surname": "Tester", "email": email, "password": PASSWORD});
        self.post("/v1/account").json(&account).expect(201).await;
        let proof = json!({"email": email, "confirmation_code": self.newest_code(&email).await});
        self.patch("/v1/account").json(&proof).expect(200).await;
        self.sign_in(&email, PASSWORD).await
    }

    /// The code in the newest message to somebody.
    pub(crate) async fn newest_code(&self, to: &str) -> String {
        let text = self.newest_text(to).await;
        let digits = text.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == 6);
        digits.expect("a code").to_owned()
    }

    /// The newest message to somebody, once there is one.
    pub(crate) async fn newest_text(&self, to: &str) -> String {
        for _ in 0..200 {
            let path = format!("/mailbox/messages?to={}", to.replace('+', "%2B"));
            if let Some(message) = self.get(&path).expect(200).await.data().first() {
                return message["text"].as_str().expect("a text").to_owned();
            }
            self.nudge_worker().await;
        }
        panic!("no message to {to}")
    }

    /// Waits until no message waits any more.
    pub(crate) async fn all_sent(&self) {
        for _ in 0..200 {
            let waiting =
                self.app.db.read(|reader| reader.fetch_one::<(i64,)>("select count(*) from outbox", ()));
            if waiting.await.map_err(|error: Error| error).expect("a number").0 == 0 {
                return;
            }
            self.nudge_worker().await;
        }
        panic!("messages wait for too long")
    }

    async fn nudge_worker(&self) {
        let nudge = self.app.db.worker_nudge();
        let _ = timeout(Duration::from_millis(50), nudge.notified()).await;
        self.app.db.worker_nudge().notify_one();
    }
}
