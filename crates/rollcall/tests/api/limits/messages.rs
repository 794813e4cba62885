//! How the limits of messages are spent once: codes and tests of channels, retries, invitations, notifications.

use std::time::Duration;

use serde_json::json;

use super::spend::{mailbox, waits};
use super::world::{Turn, World};
use crate::support::channels::of;
use crate::support::notifications::alert;
use crate::support::{Answer, Person};

impl World {
    /// Spends one.
    pub(super) async fn spend_message(&self, what: &str, turn: &Turn<'_>) -> Option<Duration> {
        let (server, number) = (&self.server, turn.number);
        let ann = &self.people[0];
        match what {
            // Two organizations in turn: a mailbox is counted for all of them.
            "email_channel" => self.made_and_deleted(&self.people[number % 2], "email", turn.as_who).await,
            "mailbox_channel" => {
                let address = format!("{}+{number}@example.org", mailbox(turn));
                self.made_and_deleted(&self.people[number % 2], "email", &address).await
            }
            // The second of the others is another organization with the same receiver.
            "sms_channel" => {
                self.made_and_deleted(&self.people[usize::from(turn.other == 2)], "sms", turn.as_who).await
            }
            "webhook_host" => {
                let url = server.receiver.url(&format!("/hook?number={number}"));
                let url = if turn.other == 1 { url.replace("127.0.0.1", "127.0.0.2") } else { url };
                self.made_and_deleted(&self.people[usize::from(turn.other == 2)], "webhook", &url).await
            }
            "key_channel" => {
                let key = if turn.other == 1 { "S0" } else { "R0" }.repeat(16);
                self.made_and_deleted(&self.people[usize::from(turn.other == 2)], "pagerduty", &key).await
            }
            "organization_codes" => {
                let address = format!("o{number}@example.org");
                self.made_and_deleted(&self.people[turn.other], "email", &address).await
            }
            "sms_channel_of_many" => {
                let by = self.again(number / 10 % 11 + turn.other).await;
                self.made_and_deleted(&by, "sms", turn.as_who).await
            }
            "sms_block" => {
                let (by, block) = (&self.people[usize::from(turn.other == 1)], 201 + turn.other / 2);
                waits(&self.add(by, "sms", &format!("+99455{block}{number:04}")).await, 201)
            }
            "sms_organization" => {
                let value = format!("+99455{:03}{number:04}", 201 + number / 40);
                waits(&self.add(&self.people[turn.other], "sms", &value).await, 201)
            }
            "test" => waits(&self.test(what, turn, 1).await, 200),
            "test_hourly" => {
                if number == 5 || number == 10 {
                    self.gap(number);
                }
                waits(&self.test(what, turn, 1).await, 200)
            }
            "test_daily" => {
                if number > 0 && number % 25 == 0 && self.once(number) {
                    server.advance(Duration::from_secs(3_601));
                }
                let priority = if turn.other > 0 { 1 } else { number % 5 + 1 };
                waits(&self.test(what, turn, priority).await, 200)
            }
            "retry" => {
                let (by, owner) = self.owner(what, turn);
                let row = server.log(by, &owner).await.remove(0);
                let id = row["delivery_id"].as_str().expect("an id");
                let path = format!("{owner}/notification-channel/deliveries/{id}/retry");
                waits(&server.post(&path).token(&by.token).send().await, 202)
            }
            "remind" => waits(&server.reminding(ann, &self.teams[0], turn.as_who).send().await, 200),
            "invite" => self.invited(turn.other, &format!("i{number}@example.org")).await,
            "invite_address" => self.invited(number % 2, turn.as_who).await,
            "invite_mailbox" => {
                self.invited(number % 2, &format!("{}+{number}@example.org", mailbox(turn))).await
            }
            "notify" | "notify_daily" => waits(&self.notify(what, turn).await, 202),
            "notify_number" => {
                if number > 0 && number % 50 == 0 {
                    self.gap(number);
                }
                waits(&self.notify(what, turn).await, 202)
            }
            what => panic!("nobody knows how to spend {what}"),
        }
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

    async fn test(&self, what: &str, turn: &Turn<'_>, priority: usize) -> Answer {
        let (by, owner) = self.owner(what, turn);
        let by = self.server.again(by).await;
        let path = format!("{owner}/notification-channel/test");
        self.server.post(&path).token(&by.token).json(&json!({"priority": priority})).send().await
    }

    async fn notify(&self, what: &str, turn: &Turn<'_>) -> Answer {
        let (by, owner) = self.owner(what, turn);
        self.server.post(&format!("{owner}/notification")).token(&by.token).json(&alert()).send().await
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
