//! Notification channels: added, proved, listed, for a person and for a team.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::Server;
use crate::support::channels::{of, of_team};

#[tokio::test]
async fn a_channel_is_proved_by_the_code_that_it_receives() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let added = server.add_channel(&ann, &of(&ann), "email", " Ops@example.com ").await;
    let channel = &added.body["notification_channel"];
    assert_eq!(
        (&channel["priority"], &channel["type"], &channel["value"]),
        (&json!(1), &json!("email"), &json!("Ops@example.com"))
    );
    assert_eq!((&channel["status"], &channel["enabled"]), (&json!("pending"), &json!(false)));
    assert_eq!((&channel["verified"], &channel["verified_at"]), (&json!(false), &Value::Null));
    assert_eq!((&channel["pending_value"], &channel["disabled_reason"]), (&Value::Null, &Value::Null));
    assert_eq!(channel["last_delivery"]["kind"], "verification");
    assert_eq!(added.body.get("signing_secret"), None);

    let mail = server.smtp.wait_for(|mail| mail.to.contains(&"Ops@example.com".to_owned())).await;
    let text = mail.text.clone().expect("a text");
    assert!(text.contains("Ann Tester") && text.contains("ignore this message"), "{text}");
    let code = mail.code().expect("a code");
    let verified = server.verify(&ann, &of(&ann), 1, &code).await;
    assert_eq!(verified.status, 200, "{}", verified.body);
    let channel = &verified.body["notification_channel"];
    assert_eq!((&channel["status"], &channel["enabled"]), (&json!("active"), &json!(true)));
    assert!(channel["verified_at"].as_str().is_some_and(|time| time.ends_with('Z')), "{channel}");
    let mut listed = server.settled(&ann, &of(&ann)).await;
    assert_eq!(listed[0]["last_delivery"]["status"], "delivered");
    listed[0]["last_delivery"] = channel["last_delivery"].clone();
    assert_eq!(listed, vec![channel.clone()]);

    let again = server.verify(&ann, &of(&ann), 1, &code).await;
    assert_eq!((again.status.as_u16(), again.text("/code").as_str()), (409, "already_verified"));
    assert_eq!(server.verify(&ann, &of(&ann), 2, &code).await.status, 404);
}

#[tokio::test]
async fn numbers_get_their_codes_by_sms_and_by_call() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let added = server.add_channel(&ann, &of(&ann), "sms", "+994 (55) 123-45-67").await;
    assert_eq!(added.text("/notification_channel/value"), "+994551234567");
    let code = server.sms.wait_for(1).await[0].code();
    assert_eq!(server.verify(&ann, &of(&ann), 1, &code).await.status, 200);

    server.add_channel(&ann, &of(&ann), "phone", "+994551234567").await;
    let code = server.phone.wait_for(1).await[0].code();
    assert_eq!(server.verify(&ann, &of(&ann), 2, &code).await.status, 200);
}

#[tokio::test]
async fn five_wrong_codes_end_a_code_and_each_is_counted() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.add_channel(&ann, &of(&ann), "email", "ops@example.com").await;
    let code = server.code_for("ops@example.com", 1).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        let answer = server.verify(&ann, &of(&ann), 1, wrong).await;
        assert_eq!((answer.status.as_u16(), answer.text("/code").as_str()), (422, "code_invalid"));
    }
    let answer = server.verify(&ann, &of(&ann), 1, &code).await;
    assert_eq!((answer.status.as_u16(), answer.text("/code").as_str()), (429, "attempts_exhausted"));
    assert!((1..=60).contains(&answer.retry_after()));
}

#[tokio::test]
async fn a_receivers_days_budget_of_wrong_codes_outlives_its_channel() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let delete = || server.delete(&format!("{}/notification-channel?priority=1", of(&ann))).token(&ann.token);
    for round in 1..=4 {
        server.add_channel(&ann, &of(&ann), "email", "ops@example.com").await;
        let code = server.code_for("ops@example.com", round).await;
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for _ in 0..5 {
            assert_eq!(server.verify(&ann, &of(&ann), 1, wrong).await.status, 422);
        }
        delete().expect(200).await;
    }
    server.add_channel(&ann, &of(&ann), "email", "ops@example.com").await;
    let code = server.code_for("ops@example.com", 5).await;
    let refused = server.verify(&ann, &of(&ann), 1, &code).await;
    assert_eq!((refused.status.as_u16(), refused.text("/code").as_str()), (429, "attempts_exhausted"));
    assert!((60..=24 * 60 * 60).contains(&refused.retry_after()));
    server.verified_email(&ann, &of(&ann), "other@example.com").await;
}

#[tokio::test]
async fn a_code_ends_after_ten_minutes() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.add_channel(&ann, &of(&ann), "email", "ops@example.com").await;
    let code = server.code_for("ops@example.com", 1).await;
    server.advance(Duration::from_secs(600));
    let answer = server.verify(&ann, &of(&ann), 1, &code).await;
    assert_eq!((answer.status.as_u16(), answer.text("/code").as_str()), (422, "code_expired"));
}

#[tokio::test]
async fn all_faulty_fields_are_named_at_once() {
    let server = Server::with(&[("sms_url", ""), ("mailbox", "off")]).await;
    let ann = server.person("Ann").await;
    let create = |body: Value| {
        server.post(&format!("{}/notification-channel", of(&ann))).token(&ann.token).json(&body)
    };
    create(json!({})).faulty(&["type", "value"]).await;
    create(json!({"type": "email", "value": "x", "priority": 0})).faulty(&["priority", "value"]).await;
    create(json!({"type": "pigeon", "value": 1, "priority": 1000, "color": "red"}))
        .faulty(&["color", "priority", "type", "value"])
        .await;
    create(json!({"type": "sms", "value": "+994551234567"})).faulty(&["type"]).await;
    create(json!({"type": "sms", "value": "x"})).faulty(&["type", "value"]).await;
    let answer = create(json!({"type": "sms", "value": "+994551234567", "priority": "1"}))
        .faulty(&["priority", "type"])
        .await;
    let errors = answer.body["errors"].as_array().expect("errors").clone();
    assert!(errors.iter().any(|error| error["code"] == "type_unavailable"), "{}", answer.body);
    let verify = server.patch(&format!("{}/notification-channel/verification", of(&ann))).token(&ann.token);
    verify.json(&json!({"code": "12345", "priority": 1.5})).faulty(&["code", "priority"]).await;
}

#[tokio::test]
async fn a_type_without_a_transport_is_available_where_there_is_a_mailbox() {
    let server = Server::with(&[("sms_url", "")]).await;
    let ann = server.person("Ann").await;
    server.add_channel(&ann, &of(&ann), "sms", "+994551234567").await;
}

#[tokio::test]
async fn one_value_stands_once_for_each_owner() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Ops").await;
    let create = |owner: String, body: Value| {
        server.post(&format!("{owner}/notification-channel")).token(&ann.token).json(&body)
    };
    create(of(&ann), json!({"type": "email", "value": "ops@example.com"})).expect(201).await;
    create(of(&ann), json!({"type": "email", "value": "OPS@EXAMPLE.COM"}))
        .refused(409, "duplicate_channel")
        .await;
    create(of_team(&team), json!({"type": "email", "value": "ops@example.com"})).expect(201).await;
    create(of(&ann), json!({"type": "sms", "value": "+994551234567"})).expect(201).await;
    create(of(&ann), json!({"type": "phone", "value": "+994551234567"})).expect(201).await;
    create(of(&ann), json!({"type": "sms", "value": "+994 55 123 45 67"}))
        .refused(409, "duplicate_channel")
        .await;
}

#[tokio::test]
async fn a_channel_takes_the_lowest_free_place_or_the_one_that_it_is_given() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let create = |body: Value| {
        server.post(&format!("{}/notification-channel", of(&ann))).token(&ann.token).json(&body)
    };
    let third = create(json!({"type": "email", "value": "c@example.com", "priority": 3})).expect(201).await;
    assert_eq!(third.body["notification_channel"]["priority"], 3);
    create(json!({"type": "email", "value": "x@example.com", "priority": 3}))
        .refused(409, "priority_taken")
        .await;
    for (value, priority) in [("a@example.com", 1), ("b@example.com", 2), ("d@example.com", 4)] {
        let added = create(json!({"type": "email", "value": value})).expect(201).await;
        assert_eq!(added.body["notification_channel"]["priority"], priority);
    }
}

#[tokio::test]
async fn a_list_is_filtered_by_type_and_paged_by_priority() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.add_channel(&ann, &of(&ann), "email", "a@example.com").await;
    server.add_channel(&ann, &of(&ann), "sms", "+994551234567").await;
    server.add_channel(&ann, &of(&ann), "phone", "+994551234567").await;
    let path = format!("{}/notification-channels", of(&ann));
    for (filter, expected) in [
        ("", &[1, 2, 3][..]),
        ("?include_types=sms,email", &[1, 2]),
        ("?include_types=sms&include_types=phone", &[2, 3]),
        ("?include_types=sms,email&exclude_types=push-notification,email", &[2]),
        ("?exclude_types=sms&exclude_types=phone,email", &[]),
        ("?include_types=slack", &[]),
    ] {
        let list = server.get(&format!("{path}{filter}")).token(&ann.token).expect(200).await;
        let found: Vec<_> =
            list.data().iter().map(|row| row["priority"].as_i64().expect("a number")).collect();
        assert_eq!(found, expected, "{filter}");
    }
    let unknown = server.get(&format!("{path}?include_types=sms,fax&exclude_types=pigeon&limit=0"));
    unknown.token(&ann.token).faulty(&["exclude_types", "include_types", "limit"]).await;

    let first = server.get(&format!("{path}?limit=2")).token(&ann.token).expect(200).await;
    assert_eq!(first.data().len(), 2);
    let next = format!("{path}?limit=2&cursor={}", first.text("/next_cursor"));
    let second = server.get(&next).token(&ann.token).expect(200).await;
    assert_eq!((second.data().len(), &second.body["next_cursor"]), (1, &Value::Null));
    let tag = second.header("etag").to_owned();
    server.get(&next).token(&ann.token).header("if-none-match", &tag).expect(304).await;
}
