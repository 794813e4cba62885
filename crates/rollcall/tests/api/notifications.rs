//! Notifications: who may send them, whom they reach, and what holds repetitions and floods back.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::channels::{of, of_team};
use crate::support::notifications::alert;
use crate::support::teams::NOWHERE;
use crate::support::{Answer, Server};

/// The priorities of the channels that a notification went to.
fn priorities(sent: &Answer) -> Vec<i64> {
    let deliveries = sent.body["deliveries"].as_array().expect("deliveries");
    deliveries.iter().map(|delivery| delivery["priority"].as_i64().expect("a number")).collect()
}

#[tokio::test]
async fn a_notification_reaches_every_active_channel_of_a_team_the_most_important_first() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Ops").await;
    let owner = of_team(&team);
    server.verified_webhook(&ann, &owner, "/hook").await;
    server.verified_email(&ann, &owner, "ops@example.com").await;
    server.verified_email(&ann, &owner, "off@example.com").await;
    server.add_channel(&ann, &owner, "email", "unproved@example.com").await;
    let off = server.put(&format!("{owner}/notification-channel/enabled")).token(&ann.token);
    off.json(&json!({"priority": 3, "enabled": false})).expect(200).await;

    let body = json!({
        "title": "Checkout is down", "body": "5xx since 10:02.\n\nSee the board.", "severity": "critical",
        "url": "https://status.example.com/42",
    });
    let sent = server.notify(&ann, &owner, &body).await;
    assert_eq!(priorities(&sent), [1, 2]);
    assert_eq!(
        (sent.text("/deliveries/0/type"), sent.text("/deliveries/1/type")),
        ("webhook".into(), "email".into())
    );
    assert!(sent.text("/message").contains("2 channels"));

    let is_it = |body: &Value| body["type"] == "channel.notification";
    let request = server.receiver.wait_for_one(|request| is_it(&request.json())).await;
    assert_eq!(request.header("webhook-id"), sent.body["deliveries"][0]["delivery_id"].as_str());
    let data = request.json()["data"].clone();
    assert_eq!((&data["title"], &data["severity"]), (&json!("Checkout is down"), &json!("critical")));
    assert_eq!((&data["url"], &data["team"]), (&body["url"], &json!("Ops")));
    let mail = server.smtp.wait_for(|mail| mail.subject() == "Critical: Checkout is down").await;
    assert_eq!(mail.to, ["ops@example.com"]);
    let text = mail.text.expect("text");
    for words in ["5xx since 10:02.", "https://status.example.com/42", "Ann Tester sent this to the team Ops"]
    {
        assert!(text.contains(words), "{text}");
    }
    let log = server.log(&ann, &owner).await;
    let ids: BTreeSet<_> = sent.body["deliveries"]
        .as_array()
        .expect("deliveries")
        .iter()
        .collect::<Vec<_>>()
        .into_iter()
        .map(|delivery| delivery["delivery_id"].to_string())
        .collect();
    let logged: BTreeSet<_> = log
        .iter()
        .filter(|row| row["kind"] == "notification")
        .map(|row| row["delivery_id"].to_string())
        .collect();
    assert_eq!(ids, logged);
    for address in ["off@example.com", "unproved@example.com"] {
        let to_them = |mail: &&notify_fakes::Mail| mail.to.contains(&address.to_owned());
        assert!(
            server.smtp.messages().iter().filter(to_them).all(|mail| !mail.subject().starts_with("Critical"))
        );
    }
}

#[tokio::test]
async fn managers_and_roots_notify_a_team_and_everybody_notifies_themselves_alone() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Ops").await;
    let (manager, user) =
        (server.member(&ann, &team, "Max", "manager").await, server.member(&ann, &team, "Una", "user").await);
    let stranger = server.person("Bo").await;
    server.verified_email(&ann, &of_team(&team), "ops@example.com").await;
    let path = format!("{}/notification", of_team(&team));
    for person in [&ann, &manager] {
        server.post(&path).token(&person.token).json(&alert()).expect(202).await;
    }
    server.post(&path).token(&user.token).json(&alert()).refused(403, "role_insufficient").await;
    server.post(&path).token(&stranger.token).json(&alert()).refused(404, "not_found").await;
    let nowhere = server.post(&format!("/v1/team/{NOWHERE}/notification")).token(&ann.token);
    nowhere.json(&alert()).refused(404, "not_found").await;
    server.post(&path).json(&alert()).refused(401, "token_missing").await;

    server.verified_email(&user, &of(&user), "una@example.net").await;
    let sent = server.notify(&user, &of(&user), &alert()).await;
    assert_eq!(priorities(&sent), [1]);
    let mail = server
        .smtp
        .wait_for(|mail| {
            mail.to.contains(&"una@example.net".to_owned()) && mail.subject().starts_with("Critical")
        })
        .await;
    assert!(mail.text.expect("text").contains("to their own channels"));
    server
        .post(&format!("{}/notification", of(&user)))
        .token(&ann.token)
        .json(&alert())
        .refused(404, "not_found")
        .await;
}

#[tokio::test]
async fn types_are_chosen_and_left_out_and_nobody_reached_is_a_conflict() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let owner = of(&ann);
    let path = format!("{owner}/notification");
    let none = server.post(&path).token(&ann.token).json(&alert()).refused(409, "nobody_reachable").await;
    assert!(none.text("/detail").contains("nothing was sent"));
    server.verified_email(&ann, &owner, "a@example.net").await;
    server.verified_webhook(&ann, &owner, "/hook").await;
    let with = |types: Value| {
        let mut body = alert();
        body.as_object_mut().expect("an object").extend(types.as_object().expect("an object").clone());
        body
    };
    for (types, expected) in [
        (json!({"include_types": ["webhook"]}), vec![2]),
        (json!({"exclude_types": ["webhook", "slack"]}), vec![1]),
        (json!({"include_types": [], "exclude_types": []}), vec![1, 2]),
        (json!({"include_types": ["email", "webhook"], "exclude_types": ["email"]}), vec![2]),
    ] {
        assert_eq!(priorities(&server.notify(&ann, &owner, &with(types)).await), expected);
    }
    let filtered = with(json!({"include_types": ["sms"], "dedup_key": "k"}));
    let none = server.post(&path).token(&ann.token).json(&filtered).refused(409, "nobody_reachable").await;
    assert!(none.text("/detail").contains("types"));
    // What was not sent does not count as sent.
    assert_eq!(priorities(&server.notify(&ann, &owner, &with(json!({"dedup_key": "k"}))).await), [1, 2]);
}

#[tokio::test]
async fn faulty_notifications_name_every_fault() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let path = format!("{}/notification", of(&ann));
    let empty = server.post(&path).token(&ann.token).json(&json!({}));
    empty.faulty(&["body", "severity", "title"]).await;
    let body = json!({
        "title": "a\nb", "body": "x".repeat(4_001), "severity": "fatal", "url": "javascript:alert(1)",
        "dedup_key": "", "include_types": ["pigeon"], "exclude_types": "email", "urgency": 1,
    });
    let faulty = server.post(&path).token(&ann.token).json(&body);
    faulty
        .faulty(&[
            "body",
            "dedup_key",
            "exclude_types",
            "include_types",
            "severity",
            "title",
            "url",
            "urgency",
        ])
        .await;
}

#[tokio::test]
async fn the_same_dedup_key_is_sent_once_within_a_day_for_each_owner() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Ops").await;
    server.verified_email(&ann, &of_team(&team), "ops@example.com").await;
    server.verified_email(&ann, &of(&ann), "a@example.net").await;
    let mut body = alert();
    body["dedup_key"] = "checkout/42".into();
    let first = server.notify(&ann, &of_team(&team), &body).await;
    body["title"] = "Checkout is still down".into();
    let second = server.notify(&ann, &of_team(&team), &body).await;
    assert_eq!(first.body["deliveries"], second.body["deliveries"]);
    assert!(second.text("/message").contains("dedup_key"));
    let own = server.notify(&ann, &of(&ann), &body).await;
    assert_ne!(own.body["deliveries"], first.body["deliveries"]);
    assert_eq!(
        server.log(&ann, &of_team(&team)).await.iter().filter(|row| row["kind"] == "notification").count(),
        1
    );

    server.advance(Duration::from_secs(24 * 60 * 60));
    let ann = server.again(&ann).await;
    let later = server.notify(&ann, &of_team(&team), &body).await;
    assert_ne!(later.body["deliveries"], first.body["deliveries"]);
}

#[tokio::test]
async fn the_same_dedup_key_sent_by_many_at_once_is_sent_once() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.verified_email(&ann, &of(&ann), "a@example.net").await;
    let mut body = alert();
    body["dedup_key"] = "checkout/42".into();
    let owner = of(&ann);
    let sent = futures_util::future::join_all((0..16).map(|_| server.notify(&ann, &owner, &body))).await;
    let distinct: BTreeSet<_> = sent.iter().map(|answer| answer.body["deliveries"].to_string()).collect();
    assert_eq!(distinct.len(), 1);
    let log = server.log(&ann, &of(&ann)).await;
    assert_eq!(log.iter().filter(|row| row["kind"] == "notification").count(), 1);
}

#[tokio::test]
async fn sixty_a_minute_go_to_one_receiver_and_a_hundred_a_day_to_one_number() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let owner = of(&ann);
    server.verified_email(&ann, &owner, "a@example.net").await;
    server.add_channel(&ann, &owner, "sms", "+994551234567").await;
    let code = server.sms.wait_for(1).await[0].code();
    assert_eq!(server.verify(&ann, &owner, 2, &code).await.status, 200);
    for _ in 0..60 {
        server.notify(&ann, &owner, &alert()).await;
    }
    let path = format!("{owner}/notification");
    let refused = server.post(&path).token(&ann.token).json(&alert()).refused(429, "rate_limited").await;
    assert!(refused.retry_after() <= 60);
    server.advance(Duration::from_secs(61));
    for _ in 0..40 {
        assert_eq!(priorities(&server.notify(&ann, &owner, &alert()).await), [1, 2]);
    }
    let sent = server.notify(&ann, &owner, &alert()).await;
    assert_eq!(priorities(&sent), [1]);
    assert!(sent.text("/message").contains("priority 2"), "{}", sent.body);
    let mut sms = alert();
    sms["include_types"] = json!(["sms"]);
    server.post(&path).token(&ann.token).json(&sms).refused(429, "rate_limited").await;
}
