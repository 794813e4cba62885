//! Webhook channels: signed by Standard Webhooks, guarded, tested.

use jiff::Timestamp;
use notify::standard_webhooks::sign;
use notify_fakes::{Answer, Request};
use rollcall::db::Error;
use rollcall::domain::event::{By, Event};
use serde_json::json;

use crate::support::channels::of;
use crate::support::{Person, Server};

async fn test(server: &Server, by: &Person, priority: i64) -> crate::support::Answer {
    server
        .post(&format!("{}/notification-channel/test", of(by)))
        .token(&by.token)
        .json(&json!({"priority": priority}))
        .send()
        .await
}

/// Checks the signature as a receiver does.
fn is_signed(request: &Request, secret: &str) -> bool {
    let id = request.header("webhook-id").expect("an id");
    let seconds: i64 = request.header("webhook-timestamp").expect("a time").parse().expect("seconds");
    let time = Timestamp::from_second(seconds).expect("a time");
    let expected = sign(secret, id, time, &request.text()).expect("a secret");
    request.header("webhook-signature").expect("a signature").split(' ').any(|given| given == expected)
}

#[tokio::test]
async fn a_webhooks_secret_is_shown_once_and_signs_every_message() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let (priority, secret) = server.verified_webhook(&ann, &of(&ann), "/hook?key=abc").await;
    assert!(secret.starts_with("whsec_"), "{secret}");
    let listed = server.channels(&ann, &of(&ann)).await;
    assert!(!listed[0].to_string().contains("whsec_"), "{listed:?}");

    let tested = test(&server, &ann, priority).await;
    assert_eq!(tested.status, 200, "{}", tested.body);
    let delivery = &tested.body["delivery"];
    assert_eq!(
        (&delivery["status"], &delivery["attempts"], &delivery["response_status"]),
        (&json!("delivered"), &json!(1), &json!(200))
    );
    assert!(delivery["latency_ms"].is_u64() && delivery["detail"].is_string(), "{delivery}");
    let requests = server.receiver.wait_for(2).await;
    for request in &requests {
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/hook?key=abc"));
        assert_eq!(request.header("content-type"), Some("application/json"));
        assert!(is_signed(request, &secret));
    }
    assert_eq!(requests[1].json()["type"], "channel.test");
    assert_eq!(requests[1].header("webhook-id"), delivery["delivery_id"].as_str());

    // A new value keeps the secret.
    let body = json!({"priority": priority, "value": server.receiver.url("/next")});
    let changed = server.put(&format!("{}/notification-channel", of(&ann))).token(&ann.token).json(&body);
    assert_eq!(changed.expect(200).await.body.get("signing_secret"), None);
    let request = server.receiver.wait_for_one(|request| request.path == "/next").await;
    assert!(is_signed(&request, &secret));
}

#[tokio::test]
async fn a_destination_that_the_guard_refuses_is_refused_when_it_is_saved() {
    let server = Server::with(&[("webhook_allow_http", "false"), ("outbound_allow", "")]).await;
    let ann = server.person("Ann").await;
    let path = format!("{}/notification-channel", of(&ann));
    let create = |value: &str| {
        server.post(&path).token(&ann.token).json(&json!({"type": "webhook", "value": value, "priority": 5}))
    };
    for url in [
        "http://hooks.example.com/x",
        "https://127.0.0.1/x",
        "https://2130706433/x",
        "https://[::1]/x",
        "https://localhost/x",
        "https://10.1.2.3/x",
        "https://169.254.169.254/latest",
        "https://user:password@hooks.example.com/x",
        "https://hooks.example.com/x#part",
        "https://hooks.example.com:25/x",
    ] {
        let refused = create(url).faulty(&["value"]).await;
        assert_eq!(refused.text("/errors/0/code"), "destination_refused", "{url}");
    }
    for url in ["ftp://hooks.example.com/x", "hooks.example.com", "https://", ""] {
        create(url).faulty(&["value"]).await;
    }
    // A name that cannot be resolved just now is accepted; the guard decides again at each attempt.
    create("https://hooks.nowhere.example/x").expect(201).await;
    let change = server.put(&path).token(&ann.token);
    let refused =
        change.json(&json!({"priority": 5, "value": "https://192.168.1.1/x"})).faulty(&["value"]).await;
    assert_eq!(refused.text("/errors/0/code"), "destination_refused");
}

#[tokio::test]
async fn only_a_verified_channel_is_tested_enabled_or_not() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.add_channel(&ann, &of(&ann), "email", "ops@example.com").await;
    let early = test(&server, &ann, 1).await;
    assert_eq!((early.status.as_u16(), early.text("/code").as_str()), (409, "not_verified"));
    let code = server.code_for("ops@example.com", 1).await;
    assert_eq!(server.verify(&ann, &of(&ann), 1, &code).await.status, 200);
    let off = server.put(&format!("{}/notification-channel/enabled", of(&ann))).token(&ann.token);
    off.json(&json!({"priority": 1, "enabled": false})).expect(200).await;
    let tested = test(&server, &ann, 1).await;
    assert_eq!(tested.text("/delivery/status"), "delivered", "{}", tested.body);
    let mail = server.smtp.wait_for(|mail| mail.subject().starts_with("Test message")).await;
    assert!(mail.text.expect("a text").contains("Ann Tester"));
    assert_eq!(test(&server, &ann, 2).await.status, 404);
}

#[tokio::test]
async fn a_channel_is_tested_five_times_a_minute() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.verified_webhook(&ann, &of(&ann), "/a").await;
    let (other, _) = server.verified_webhook(&ann, &of(&ann), "/b").await;
    for _ in 0..5 {
        assert_eq!(test(&server, &ann, 1).await.status, 200);
    }
    let refused = test(&server, &ann, 1).await;
    assert_eq!((refused.status.as_u16(), refused.text("/code").as_str()), (429, "rate_limited"));
    assert!((1..=60).contains(&refused.retry_after()));
    assert_eq!(test(&server, &ann, other).await.status, 200);
    server.advance(std::time::Duration::from_secs(60));
    assert_eq!(test(&server, &ann, 1).await.status, 200);

    let server = Server::with(&[("rate_limits", "off")]).await;
    let ann = server.person("Ann").await;
    server.verified_webhook(&ann, &of(&ann), "/a").await;
    for _ in 0..6 {
        assert_eq!(test(&server, &ann, 1).await.status, 200);
    }
}

#[tokio::test]
async fn a_test_that_fails_says_why() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.verified_webhook(&ann, &of(&ann), "/hook").await;
    server.receiver.script([Answer::text(404, "no such hook"), Answer::text(503, "later")]);
    let failed = test(&server, &ann, 1).await;
    assert_eq!(failed.status, 200, "{}", failed.body);
    let delivery = &failed.body["delivery"];
    assert_eq!((&delivery["status"], &delivery["response_status"]), (&json!("failed"), &json!(404)));
    assert!(delivery["detail"].as_str().is_some_and(|detail| detail.contains("404")), "{delivery}");
    let queued = test(&server, &ann, 1).await;
    let delivery = &queued.body["delivery"];
    assert_eq!(
        (&delivery["status"], &delivery["attempts"], &delivery["response_status"]),
        (&json!("queued"), &json!(1), &json!(503))
    );
}

#[tokio::test]
async fn a_test_under_an_idempotency_key_is_sent_once_and_its_outcome_is_kept() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.verified_webhook(&ann, &of(&ann), "/hook").await;
    let tested = || {
        server
            .post(&format!("{}/notification-channel/test", of(&ann)))
            .token(&ann.token)
            .header("idempotency-key", "one-test")
            .json(&json!({"priority": 1}))
    };
    let first = tested().expect(200).await;
    assert_eq!(first.text("/delivery/status"), "delivered");
    let again = tested().expect(200).await;
    assert_eq!((again.header("idempotency-replayed"), &again.bytes), ("true", &first.bytes));
    assert_eq!(server.receiver.requests().len(), 2);
}

#[tokio::test]
async fn the_secret_of_a_new_webhook_is_given_again_to_the_same_idempotency_key_alone() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let create = || {
        server
            .post(&format!("{}/notification-channel", of(&ann)))
            .token(&ann.token)
            .header("idempotency-key", "one-channel")
            .json(&json!({"type": "webhook", "value": server.receiver.url("/hook")}))
    };
    let first = create().expect(201).await;
    let again = create().expect(201).await;
    assert_eq!(again.text("/signing_secret"), first.text("/signing_secret"));
    server.receiver.wait_for(1).await;
    assert_eq!(server.channels(&ann, &of(&ann)).await.len(), 1);
}

#[tokio::test]
async fn no_value_secret_or_code_of_a_channel_is_stored_in_the_clear() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let (_, secret) =
        server.verified_webhook(&ann, &of(&ann), "/canary-in-a-path?key=canary-in-a-query").await;
    server.add_channel(&ann, &of(&ann), "email", "canary@example.com").await;
    server.receiver.script([Answer::status(500)]);
    assert_eq!(test(&server, &ann, 1).await.text("/delivery/status"), "queued");
    let code = server.code_for("canary@example.com", 1).await;
    let stored = server.stored().await;
    let holds = |text: &str| stored.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("ann@example.com"), "what is stored was looked at");
    for canary in ["canary", secret.trim_start_matches("whsec_"), &format!("\"{code}\"")] {
        assert!(!holds(canary), "{canary}");
    }
}

#[tokio::test]
async fn a_ciphertext_that_is_moved_to_another_row_does_not_open() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.add_channel(&ann, &of(&ann), "email", "a@example.com").await;
    server.add_channel(&ann, &of(&ann), "email", "b@example.com").await;
    server
        .app
        .db
        .write(|tx| {
            tx.execute(
                "update notification_channel set value_sealed = (
                   select value_sealed from notification_channel where priority = 2) where priority = 1",
                (),
            )?;
            tx.commit(&By::service("test"), Timestamp::UNIX_EPOCH, Event::upkeep(), ())
        })
        .await
        .map_err(|error: Error| error)
        .expect("the storage answers");
    let list = server.get(&format!("{}/notification-channels", of(&ann))).token(&ann.token);
    list.refused(500, "internal").await;
}
