//! Notification channels of people and teams, made and proved as everybody does.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use super::{Answer, Person, Server};

/// The path of somebody's own channels, less the operation.
pub(crate) fn of(person: &Person) -> String {
    format!("/v1/customer/{}", person.customer_id)
}

/// The path of a team's channels, less the operation.
pub(crate) fn of_team(team_id: &str) -> String {
    format!("/v1/team/{team_id}")
}

impl Server {
    /// Adds a channel below an owner's path.
    pub(crate) async fn add_channel(&self, by: &Person, owner: &str, kind: &str, value: &str) -> Answer {
        let body = json!({"type": kind, "value": value});
        self.post(&format!("{owner}/notification-channel")).token(&by.token).json(&body).expect(201).await
    }

    /// Enters a code.
    pub(crate) async fn verify(&self, by: &Person, owner: &str, priority: i64, code: &str) -> Answer {
        self.patch(&format!("{owner}/notification-channel/verification"))
            .token(&by.token)
            .json(&json!({"priority": priority, "code": code}))
            .send()
            .await
    }

    /// A verified channel of type `email`; gives its priority.
    pub(crate) async fn verified_email(&self, by: &Person, owner: &str, address: &str) -> i64 {
        let sent = self.smtp.count(|mail| mail.to.iter().any(|to| to == address));
        let added = self.add_channel(by, owner, "email", address).await;
        let priority = added.body["notification_channel"]["priority"].as_i64().expect("a number");
        let code = self.code_for(address, sent + 1).await;
        let verified = self.verify(by, owner, priority, &code).await;
        assert_eq!(verified.status, 200, "{}", verified.body);
        priority
    }

    /// A verified webhook that leads to the server's receiver; gives its priority and signing secret.
    pub(crate) async fn verified_webhook(&self, by: &Person, owner: &str, path: &str) -> (i64, String) {
        let added = self.add_channel(by, owner, "webhook", &self.receiver.url(path)).await;
        let priority = added.body["notification_channel"]["priority"].as_i64().expect("a number");
        let request = self
            .receiver
            .wait_for_one(|request| request.path == path && request.json()["data"]["code"].is_string())
            .await;
        let code = request.json()["data"]["code"].as_str().expect("a code").to_owned();
        let verified = self.verify(by, owner, priority, &code).await;
        assert_eq!(verified.status, 200, "{}", verified.body);
        (priority, added.text("/signing_secret"))
    }

    /// The channels below an owner's path once each one's newest delivery has ended or been tried.
    pub(crate) async fn settled(&self, by: &Person, owner: &str) -> Vec<Value> {
        for _ in 0..100 {
            let mut heard = self.app.attempts.listen();
            let channels = self.channels(by, owner).await;
            let queued = channels.iter().find(|channel| channel["last_delivery"]["status"] == "queued");
            let Some(queued) = queued else { return channels };
            let id: uuid::Uuid =
                queued["last_delivery"]["delivery_id"].as_str().expect("an id").parse().expect("a UUID");
            // Looked at again in any case: the attempt may have ended between the two.
            let _ = timeout(Duration::from_millis(200), heard.heard_of(id.into())).await;
        }
        panic!("a delivery never ended")
    }

    /// The channels below an owner's path, as the list shows them.
    pub(crate) async fn channels(&self, by: &Person, owner: &str) -> Vec<Value> {
        let list = self.get(&format!("{owner}/notification-channels")).token(&by.token).expect(200).await;
        list.data().clone()
    }
}
