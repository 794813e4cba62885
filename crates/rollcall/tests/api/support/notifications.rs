//! Notifications, sent as everybody does.

use serde_json::{Value, json};

use super::{Answer, Person, Server};

/// What is sent where it does not matter what.
pub(crate) fn alert() -> Value {
    json!({"title": "Checkout is down", "body": "5xx since 10:02.", "severity": "critical"})
}

impl Server {
    /// Sends a notification below an owner's path.
    pub(crate) async fn notify(&self, by: &Person, owner: &str, body: &Value) -> Answer {
        self.post(&format!("{owner}/notification")).token(&by.token).json(body).expect(202).await
    }

    /// The same person with fresh tokens, after the clock was moved on.
    pub(crate) async fn again(&self, person: &Person) -> Person {
        self.sign_in(&person.email, &person.password).await
    }

    /// The delivery log below an owner's path, once nothing in it waits for its first attempt.
    pub(crate) async fn log(&self, by: &Person, owner: &str) -> Vec<Value> {
        for _ in 0..200 {
            let mut heard = self.app.attempts.listen();
            let list = self.get(&format!("{owner}/notification-channel/deliveries")).token(&by.token);
            let rows = list.expect(200).await.data().clone();
            let untried = |row: &&Value| {
                row["status"] == "queued" && row["attempts"].as_array().is_some_and(Vec::is_empty)
            };
            let Some(waits) = rows.iter().find(untried) else { return rows };
            let id: uuid::Uuid = waits["delivery_id"].as_str().expect("an id").parse().expect("a UUID");
            // Looked at again in any case: the attempt may have ended between the two.
            let heard = heard.heard_of(id.into());
            let _ = tokio::time::timeout(std::time::Duration::from_millis(100), heard).await;
        }
        panic!("a delivery was never tried")
    }
}
