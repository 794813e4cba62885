//! Channels at their end: gone at once, or after five days without a success; and how their owner hears of it.

use std::time::Duration;

use notify_fakes::{Answer, Mail, SmtpFault};
use serde_json::{Value, json};

use crate::support::channels::{of, of_team};
use crate::support::notifications::alert;
use crate::support::{Person, Server};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Sends a notification to the webhooks alone, and gives the first channel once the attempts have ended.
async fn tried(server: &Server, by: &Person, owner: &str) -> Value {
    let mut body = alert();
    body["include_types"] = json!(["webhook"]);
    server.notify(by, owner, &body).await;
    server.log(by, owner).await;
    server.channels(by, owner).await.remove(0)
}

fn notices(server: &Server, to: &str) -> Vec<Mail> {
    let about = |mail: &Mail| mail.to.contains(&to.to_owned()) && mail.subject().contains("switched off");
    server.smtp.messages().into_iter().filter(about).collect()
}

#[tokio::test]
async fn a_channel_that_fails_for_five_days_is_switched_off_and_its_owner_hears_of_it_by_the_next_one() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.verified_webhook(&ann, &of(&ann), "/hook").await;
    server.verified_email(&ann, &of(&ann), "second@example.net").await;
    server.verified_email(&ann, &of(&ann), "third@example.net").await;
    server.receiver.always(Answer::status(400));
    assert_eq!(tried(&server, &ann, &of(&ann)).await["status"], "active");
    server.advance(Duration::from_secs(5 * 24 * 60 * 60 - 60));
    let ann = server.again(&ann).await;
    assert_eq!(tried(&server, &ann, &of(&ann)).await["status"], "active");
    server.advance(Duration::from_secs(120));
    let off = tried(&server, &ann, &of(&ann)).await;
    assert_eq!((&off["status"], &off["enabled"]), (&json!("disabled"), &json!(false)));
    let reason = off["disabled_reason"].as_str().expect("a reason");
    assert!(reason.contains("five days") && reason.contains("400"), "{reason}");

    let notice = server.smtp.wait_for(|mail| mail.subject().contains("switched off")).await;
    assert_eq!(notice.to, ["second@example.net"]);
    let text = notice.text.expect("text");
    assert!(text.contains("webhook channel with priority 1") && text.contains("five days"), "{text}");
    assert!(!text.contains("/hook"), "a webhook's path is its secret: {text}");
    let log = server.log(&ann, &of(&ann)).await;
    assert_eq!((&log[0]["kind"], &log[0]["priority"]), (&json!("disabled"), &json!(2)));
    assert!(notices(&server, "third@example.net").is_empty() && notices(&server, &ann.email).is_empty());
    let audit = server.get("/v1/org/audit-log").token(&ann.token).expect(200).await;
    assert_eq!(audit.data()[0]["action"], "notification_channel.disabled");
    assert_eq!(audit.data()[0]["actor"], Value::Null);

    // Enabled again, it has five days again.
    let on = server.put(&format!("{}/notification-channel/enabled", of(&ann))).token(&ann.token);
    let on = on.json(&json!({"priority": 1, "enabled": true})).expect(200).await;
    assert_eq!(on.body["notification_channel"]["disabled_reason"], Value::Null);
    assert_eq!(tried(&server, &ann, &of(&ann)).await["status"], "active");
}

#[tokio::test]
async fn one_success_begins_the_five_days_anew() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.verified_webhook(&ann, &of(&ann), "/hook").await;
    let mut ann = ann;
    for answers in [[400, 400], [200, 400], [400, 400]] {
        server.receiver.script(answers.map(Answer::status));
        for _ in answers {
            assert_eq!(tried(&server, &ann, &of(&ann)).await["status"], "active");
        }
        server.advance(DAY * 3);
        ann = server.again(&ann).await;
    }
    // Three days after the failure that followed the success, and then five.
    server.receiver.always(Answer::status(400));
    assert_eq!(tried(&server, &ann, &of(&ann)).await["status"], "disabled");
}

#[tokio::test]
async fn managers_and_roots_hear_of_a_teams_channel_by_their_own_means() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Ops").await;
    let max = server.member(&ann, &team, "Max", "manager").await;
    server.member(&ann, &team, "Una", "user").await;
    let guest = server.person("Gus").await;
    server.guest(&ann, &team, &guest, "manager").await;
    server.verified_email(&max, &of(&max), "max@example.net").await;
    server.verified_email(&guest, &of(&guest), "gus@example.net").await;
    server.verified_webhook(&ann, &of_team(&team), "/hook").await;
    server.receiver.always(Answer::status(410));
    assert_eq!(tried(&server, &ann, &of_team(&team)).await["status"], "disabled");
    for to in ["ann@example.com", "max@example.net", "gus@example.net"] {
        let notice = server
            .smtp
            .wait_for(|mail| mail.to.contains(&to.to_owned()) && mail.subject().contains("switched off"))
            .await;
        assert!(notice.text.expect("text").contains("team Ops"));
    }
    for to in ["max@example.com", "gus@example.com", "una@example.com"] {
        assert!(notices(&server, to).is_empty(), "{to}");
    }
    let log = server.log(&guest, &of(&guest)).await;
    assert_eq!(log[0]["kind"], "disabled");
}

#[tokio::test]
async fn what_waits_for_a_channel_ends_with_it_and_can_be_tried_again() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let owner = of(&ann);
    server.verified_webhook(&ann, &owner, "/hook").await;
    server.receiver.script([Answer::status(503)]);
    server.notify(&ann, &owner, &alert()).await;
    server.log(&ann, &owner).await;
    let off = server.put(&format!("{owner}/notification-channel/enabled")).token(&ann.token);
    off.json(&json!({"priority": 1, "enabled": false})).expect(200).await;
    let log = server.log(&ann, &owner).await;
    assert_eq!(log[0]["status"], "failed");
    assert!(log[0]["attempts"][1]["detail"].as_str().is_some_and(|detail| detail.contains("switched off")));
    server.advance(DAY);
    let ann = server.again(&ann).await;
    let path = format!(
        "{owner}/notification-channel/deliveries/{}/retry",
        log[0]["delivery_id"].as_str().expect("an id")
    );
    let retried = server.post(&path).token(&ann.token).expect(202).await;
    assert_eq!(retried.body["delivery"]["status"], "queued");
    let requests = server.receiver.wait_for(3).await;
    assert_eq!(requests[1].header("webhook-id"), requests[2].header("webhook-id"));
}

#[tokio::test]
async fn an_operators_own_mail_server_that_is_down_switches_nothing_off() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let owner = of(&ann);
    server.verified_email(&ann, &owner, "ops@example.net").await;
    server.smtp.fail(SmtpFault::GreetBusy);
    let mut ann = ann;
    for _ in 0..2 {
        server.notify(&ann, &owner, &alert()).await;
        server.log(&ann, &owner).await;
        server.advance(DAY * 6);
        ann = server.again(&ann).await;
    }
    assert_eq!(server.channels(&ann, &owner).await[0]["status"], "active");
    // An address that it refuses for five days is another matter.
    server.smtp.fail(SmtpFault::RecipientRefused);
    for status in ["active", "disabled"] {
        server.notify(&ann, &owner, &alert()).await;
        server.log(&ann, &owner).await;
        assert_eq!(server.channels(&ann, &owner).await[0]["status"], status);
        server.advance(DAY * 5);
        ann = server.again(&ann).await;
    }
}
