//! Notification channels changed: a new value, another place, on and off, deleted, a fresh code.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::channels::of;
use crate::support::{Person, Server};

async fn change(server: &Server, by: &Person, priority: i64, value: &str) -> crate::support::Answer {
    server
        .put(&format!("{}/notification-channel", of(by)))
        .token(&by.token)
        .json(&json!({"priority": priority, "value": value}))
        .send()
        .await
}

#[tokio::test]
async fn a_new_value_waits_for_its_code_while_the_old_one_goes_on_receiving() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.verified_email(&ann, &of(&ann), "old@example.com").await;
    let changed = change(&server, &ann, 1, "new@example.com").await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let channel = &changed.body["notification_channel"];
    assert_eq!(
        (&channel["value"], &channel["pending_value"]),
        (&json!("old@example.com"), &json!("new@example.com"))
    );
    assert_eq!((&channel["status"], &channel["verified"]), (&json!("active"), &json!(true)));

    let code = server.code_for("new@example.com", 1).await;
    let verified = server.verify(&ann, &of(&ann), 1, &code).await;
    let channel = &verified.body["notification_channel"];
    assert_eq!((&channel["value"], &channel["pending_value"]), (&json!("new@example.com"), &Value::Null));
    assert_eq!(channel["status"], "active");
}

#[tokio::test]
async fn the_current_value_takes_a_waiting_one_back_and_its_code_is_void() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.verified_email(&ann, &of(&ann), "old@example.com").await;
    change(&server, &ann, 1, "new@example.com").await;
    let code = server.code_for("new@example.com", 1).await;
    let back = change(&server, &ann, 1, "OLD@example.com").await;
    assert_eq!(back.body["notification_channel"]["pending_value"], Value::Null);
    let late = server.verify(&ann, &of(&ann), 1, &code).await;
    assert_eq!((late.status.as_u16(), late.text("/code").as_str()), (409, "already_verified"));
    change(&server, &ann, 1, "new@example.com").await;
    let fresh = server.code_for("new@example.com", 2).await;
    if fresh != code {
        assert_eq!(server.verify(&ann, &of(&ann), 1, &code).await.status, 422);
    }
    assert_eq!(server.verify(&ann, &of(&ann), 1, &fresh).await.status, 200);
}

#[tokio::test]
async fn a_code_for_one_value_proves_no_other() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.add_channel(&ann, &of(&ann), "email", "first@example.com").await;
    let first = server.code_for("first@example.com", 1).await;
    let changed = change(&server, &ann, 1, "second@example.com").await;
    // A value that was never verified is replaced at once.
    let channel = &changed.body["notification_channel"];
    assert_eq!((&channel["value"], &channel["pending_value"]), (&json!("second@example.com"), &Value::Null));
    let second = server.code_for("second@example.com", 1).await;
    if first != second {
        assert_eq!(server.verify(&ann, &of(&ann), 1, &first).await.text("/code"), "code_invalid");
    }
    assert_eq!(server.verify(&ann, &of(&ann), 1, &second).await.status, 200);
}

#[tokio::test]
async fn the_value_that_waits_already_gets_no_second_code_within_a_minute() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.add_channel(&ann, &of(&ann), "email", "ops@example.com").await;
    let code = server.code_for("ops@example.com", 1).await;
    assert_eq!(change(&server, &ann, 1, "ops@example.com").await.status, 200);
    assert_eq!(server.verify(&ann, &of(&ann), 1, &code).await.status, 200);
    let sent = server.smtp.count(|mail| mail.to.contains(&"ops@example.com".to_owned()));
    assert_eq!(sent, 1);
}

#[tokio::test]
async fn a_value_of_another_channel_is_refused_even_while_it_waits() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.verified_email(&ann, &of(&ann), "a@example.com").await;
    server.add_channel(&ann, &of(&ann), "email", "b@example.com").await;
    change(&server, &ann, 1, "c@example.com").await;
    for (priority, value) in [(1, "b@example.com"), (2, "a@example.com"), (2, "C@example.com")] {
        let refused = change(&server, &ann, priority, value).await;
        assert_eq!(
            (refused.status.as_u16(), refused.text("/code").as_str()),
            (409, "duplicate_channel"),
            "{value}"
        );
    }
    let create = server.post(&format!("{}/notification-channel", of(&ann))).token(&ann.token);
    create.json(&json!({"type": "email", "value": "c@example.com"})).refused(409, "duplicate_channel").await;
    let faulty = change(&server, &ann, 2, "no address").await;
    assert_eq!((faulty.status.as_u16(), faulty.faulty_fields()), (422, vec!["value"]));
    assert_eq!(change(&server, &ann, 3, "d@example.com").await.status, 404);
}

#[tokio::test]
async fn a_fresh_code_comes_after_a_minute_and_voids_the_old_one() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.add_channel(&ann, &of(&ann), "email", "ops@example.com").await;
    let old = server.code_for("ops@example.com", 1).await;
    let resend = || {
        server
            .post(&format!("{}/notification-channel/verification", of(&ann)))
            .token(&ann.token)
            .json(&json!({"priority": 1}))
    };
    let early = resend().refused(429, "resend_too_soon").await;
    assert!((1..=60).contains(&early.retry_after()));
    server.advance(Duration::from_secs(60));
    assert!(resend().expect(200).await.body["message"].is_string());
    let fresh = server.code_for("ops@example.com", 2).await;
    if fresh != old {
        assert_eq!(server.verify(&ann, &of(&ann), 1, &old).await.text("/code"), "code_invalid");
    }
    assert_eq!(server.verify(&ann, &of(&ann), 1, &fresh).await.status, 200);
    resend().refused(409, "already_verified").await;
    let unknown = server.post(&format!("{}/notification-channel/verification", of(&ann))).token(&ann.token);
    unknown.json(&json!({"priority": 2})).refused(404, "not_found").await;
}

#[tokio::test]
async fn a_channel_is_switched_on_and_off_once_it_is_verified() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let enable = |enabled: bool, priority: i64| {
        server
            .put(&format!("{}/notification-channel/enabled", of(&ann)))
            .token(&ann.token)
            .json(&json!({"enabled": enabled, "priority": priority}))
    };
    server.add_channel(&ann, &of(&ann), "email", "ops@example.com").await;
    enable(true, 1).refused(409, "not_verified").await;
    enable(false, 1).expect(200).await;
    let code = server.code_for("ops@example.com", 1).await;
    assert_eq!(server.verify(&ann, &of(&ann), 1, &code).await.status, 200);
    let off = enable(false, 1).expect(200).await;
    assert_eq!(off.body["notification_channel"]["status"], "disabled");

    // Proving a new value leaves the switch as it is.
    change(&server, &ann, 1, "new@example.com").await;
    let code = server.code_for("new@example.com", 1).await;
    let verified = server.verify(&ann, &of(&ann), 1, &code).await;
    assert_eq!(verified.body["notification_channel"]["status"], "disabled");
    let on = enable(true, 1).expect(200).await;
    assert_eq!(on.body["notification_channel"]["status"], "active");
    enable(true, 2).refused(404, "not_found").await;
    let faulty = server.put(&format!("{}/notification-channel/enabled", of(&ann))).token(&ann.token);
    faulty.json(&json!({"enabled": "true", "priority": "1"})).faulty(&["enabled", "priority"]).await;
}

#[tokio::test]
async fn a_moved_channel_takes_the_place_and_those_between_shift() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    for value in ["a@example.com", "b@example.com", "c@example.com", "d@example.com"] {
        server.add_channel(&ann, &of(&ann), "email", value).await;
    }
    let reorder = |priority: i64, to: i64| {
        server
            .patch(&format!("{}/notification-channel", of(&ann)))
            .token(&ann.token)
            .json(&json!({"priority": priority, "new_priority": to}))
    };
    let order = |rows: &[Value]| -> String {
        let shown =
            |row: &Value| format!("{}{}", &row["value"].as_str().expect("a value")[..1], row["priority"]);
        rows.iter().map(shown).collect::<Vec<_>>().join(" ")
    };
    for (from, to, expected) in [
        (4, 1, "d1 a2 b3 c4"),
        (1, 3, "a1 b2 d3 c4"),
        (2, 2, "a1 b2 d3 c4"),
        (2, 9, "a1 d2 c3 b9"),
        (9, 999, "a1 d2 c3 b999"),
    ] {
        let answer = reorder(from, to).expect(200).await;
        assert_eq!(order(answer.data()), expected, "{from} to {to}");
        assert_eq!(order(&server.channels(&ann, &of(&ann)).await), expected);
    }
    reorder(4, 1).refused(404, "not_found").await;
    reorder(0, 1000).faulty(&["new_priority", "priority"]).await;
}

#[tokio::test]
async fn channels_are_deleted_all_or_none_and_the_others_keep_their_numbers() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    for value in ["a@example.com", "b@example.com", "c@example.com", "d@example.com", "e@example.com"] {
        server.add_channel(&ann, &of(&ann), "email", value).await;
    }
    let delete =
        |query: &str| server.delete(&format!("{}/notification-channel{query}", of(&ann))).token(&ann.token);
    for query in ["", "?priority=", "?priority=x", "?priority=0", "?priority=1,1000"] {
        delete(query).faulty(&["priority"]).await;
    }
    let unknown = delete("?priority=1,7&priority=8").refused(404, "not_found").await;
    let detail = unknown.text("/detail");
    assert!(detail.contains('7') && detail.contains('8') && !detail.contains('1'), "{detail}");
    assert_eq!(server.channels(&ann, &of(&ann)).await.len(), 5);

    let gone = delete("?priority=4,3&priority=3&priority=1").expect(200).await;
    assert_eq!(gone.body["deleted"], json!([1, 3, 4]));
    let left: Vec<_> =
        server.channels(&ann, &of(&ann)).await.iter().map(|row| row["priority"].clone()).collect();
    assert_eq!(left, [json!(2), json!(5)]);
    let again = server.add_channel(&ann, &of(&ann), "email", "a@example.com").await;
    assert_eq!(again.body["notification_channel"]["priority"], 1);
}
