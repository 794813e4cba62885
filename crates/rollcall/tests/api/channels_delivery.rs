//! The outbox as receivers and owners see it: retries, ends, restarts, and the delivery log.

use std::time::Duration;

use notify_fakes::{Answer, SmtpFault};
use rollcall::db::Error;
use rollcall::domain::event::{By, Event};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::channels::{of, of_team};
use crate::support::{Person, Server};

async fn test(server: &Server, by: &Person, owner: &str) -> Value {
    server
        .post(&format!("{owner}/notification-channel/test"))
        .token(&by.token)
        .json(&json!({"priority": 1}))
        .expect(200)
        .await
        .body["delivery"]
        .clone()
}

async fn log(server: &Server, by: &Person, owner: &str) -> Vec<Value> {
    let list = server.get(&format!("{owner}/notification-channel/deliveries")).token(&by.token);
    list.expect(200).await.data().clone()
}

#[tokio::test]
async fn a_delivery_that_fails_is_made_again_under_the_same_id() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.verified_webhook(&ann, &of(&ann), "/hook").await;
    server.receiver.script([Answer::text(500, "out of order")]);
    let delivery = test(&server, &ann, &of(&ann)).await;
    assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("queued"), &json!(1)));
    server.advance(Duration::from_secs(7));
    let requests = server.receiver.wait_for(3).await;
    assert_eq!(requests[1].header("webhook-id"), requests[2].header("webhook-id"));
    assert_eq!(requests[1].text(), requests[2].text());

    let channel = server.settled(&ann, &of(&ann)).await.remove(0);
    assert_eq!(channel["last_delivery"]["status"], "delivered");
    let log = log(&server, &ann, &of(&ann)).await;
    assert_eq!(log.len(), 2);
    assert_eq!((&log[0]["kind"], &log[1]["kind"]), (&json!("test"), &json!("verification")));
    assert_eq!((&log[0]["priority"], &log[0]["type"]), (&json!(1), &json!("webhook")));
    let attempts = log[0]["attempts"].as_array().expect("attempts");
    assert_eq!((&attempts[0]["outcome"], &attempts[0]["response_status"]), (&json!("retry"), &json!(500)));
    assert_eq!(attempts[0]["answer"], "out of order");
    assert_eq!(
        (&attempts[1]["outcome"], &attempts[1]["response_status"]),
        (&json!("delivered"), &json!(200))
    );
    assert!(attempts[0]["at"].as_str() < attempts[1]["at"].as_str());
    assert_eq!(log[0]["finished_at"], attempts[1]["at"]);
}

#[tokio::test]
async fn a_receiver_that_is_gone_switches_its_channel_off() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.verified_webhook(&ann, &of(&ann), "/hook").await;
    server.receiver.always(Answer::status(410));
    let delivery = test(&server, &ann, &of(&ann)).await;
    assert_eq!((&delivery["status"], &delivery["response_status"]), (&json!("failed"), &json!(410)));
    let channel = server.channels(&ann, &of(&ann)).await.remove(0);
    assert_eq!((&channel["status"], &channel["enabled"]), (&json!("disabled"), &json!(false)));
    assert!(channel["disabled_reason"].as_str().is_some_and(|reason| reason.contains("410")), "{channel}");

    let on = server.put(&format!("{}/notification-channel/enabled", of(&ann))).token(&ann.token);
    let on = on.json(&json!({"priority": 1, "enabled": true})).expect(200).await;
    assert_eq!(on.body["notification_channel"]["disabled_reason"], Value::Null);

    // A new value that is gone says nothing of the one that is in use.
    let body = json!({"priority": 1, "value": server.receiver.url("/gone")});
    server.put(&format!("{}/notification-channel", of(&ann))).token(&ann.token).json(&body).expect(200).await;
    server.receiver.wait_for_one(|request| request.path == "/gone").await;
    let channel = server.settled(&ann, &of(&ann)).await.remove(0);
    assert_eq!(
        (&channel["status"], &channel["last_delivery"]["status"]),
        (&json!("active"), &json!("failed"))
    );
}

#[tokio::test]
async fn an_expired_code_is_never_sent_late() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.smtp.fail(SmtpFault::RecipientLater);
    server.add_channel(&ann, &of(&ann), "email", "ops@example.com").await;
    let owner = of(&ann);
    until(&server, &ann, &owner, |log| log[0]["attempts"].as_array().is_some_and(|all| !all.is_empty()))
        .await;
    server.advance(Duration::from_secs(600));
    server.smtp.fail(None);
    until(&server, &ann, &owner, |log| log[0]["status"] == "failed").await;
    let to_ops = |mail: &notify_fakes::Mail| mail.to.contains(&"ops@example.com".to_owned());
    assert!(!server.smtp.messages().iter().any(to_ops));
}

#[tokio::test]
async fn a_fresh_code_takes_back_the_one_that_still_waits() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let owner = of(&ann);
    server.smtp.fail(SmtpFault::RecipientLater);
    server.add_channel(&ann, &owner, "email", "ops@example.com").await;
    until(&server, &ann, &owner, |log| log[0]["attempts"].as_array().is_some_and(|all| !all.is_empty()))
        .await;
    server.advance(Duration::from_secs(61));
    let resend = server.post(&format!("{owner}/notification-channel/verification")).token(&ann.token);
    resend.json(&json!({"priority": 1})).expect(200).await;
    until(&server, &ann, &owner, |log| log[0]["attempts"].as_array().is_some_and(|all| !all.is_empty()))
        .await;
    let rows = log(&server, &ann, &owner).await;
    assert_eq!((&rows[0]["status"], &rows[1]["status"]), (&json!("queued"), &json!("failed")));
    server.smtp.fail(None);
    server.advance(Duration::from_secs(7));
    let code = server.code_for("ops@example.com", 1).await;
    assert_eq!(server.verify(&ann, &owner, 1, &code).await.status, 200);
}

#[tokio::test]
async fn without_a_transport_a_message_is_kept_in_the_mailbox() {
    let server = Server::with(&[("sms_url", "")]).await;
    let ann = server.person("Ann").await;
    server.add_channel(&ann, &of(&ann), "sms", "+994551234567").await;
    let channel = server.settled(&ann, &of(&ann)).await.remove(0);
    assert_eq!(channel["last_delivery"]["status"], "delivered");
    let kept = server.get("/mailbox/messages?to=%2B994551234567").expect(200).await;
    let text = kept.text("/data/0/text");
    // A plus that is typed into the query as it is means a blank there; the number is meant all the same.
    let typed = server.get("/mailbox/messages?to=+994551234567").expect(200).await;
    assert_eq!(typed.text("/data/0/text"), text);
    let code: String = text.chars().take(6).collect();
    assert_eq!(server.verify(&ann, &of(&ann), 1, &code).await.status, 200, "{text}");
}

#[tokio::test]
async fn messages_of_deleted_channels_leave_the_outbox() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.verified_webhook(&ann, &of(&ann), "/hook").await;
    server.receiver.script([Answer::status(500)]);
    test(&server, &ann, &of(&ann)).await;
    let gone = server.delete(&format!("{}/notification-channel?priority=1", of(&ann))).token(&ann.token);
    gone.expect(200).await;
    server.advance(Duration::from_secs(7));
    // A channel that was made later is served, the deleted one is not.
    server.verified_webhook(&ann, &of(&ann), "/later").await;
    assert_eq!(server.receiver.requests().iter().filter(|request| request.path == "/hook").count(), 2);
    assert_eq!(log(&server, &ann, &of(&ann)).await.len(), 1);
}

#[tokio::test]
async fn a_restart_finishes_what_was_queued() {
    let mut server = Server::start().await;
    let ann = server.person("Ann").await;
    server.verified_webhook(&ann, &of(&ann), "/hook").await;
    server.receiver.script([Answer::status(503)]);
    test(&server, &ann, &of(&ann)).await;
    server.restart(Duration::from_secs(5)).await;
    server.advance(Duration::from_secs(7));
    let requests = server.receiver.wait_for(3).await;
    assert_eq!(requests[1].header("webhook-id"), requests[2].header("webhook-id"));
    let channel = server.settled(&ann, &of(&ann)).await.remove(0);
    assert_eq!(channel["last_delivery"]["status"], "delivered");
}

#[tokio::test]
async fn a_worker_that_ends_between_sending_and_marking_sends_again_under_the_same_id() {
    let mut server = Server::start().await;
    let ann = server.person("Ann").await;
    server.receiver.script([Answer::Hang]);
    server.add_channel(&ann, &of(&ann), "webhook", &server.receiver.url("/hook")).await;
    server.receiver.wait_for(1).await;
    // Nothing of the attempt is written down.
    server.restart(Duration::ZERO).await;
    if !server.app.db.is_exclusive() {
        // Another process may be the one that holds the lease: it is waited for.
        server.advance(Duration::from_secs(61));
    }
    let requests = server.receiver.wait_for(2).await;
    assert_eq!(requests[0].header("webhook-id"), requests[1].header("webhook-id"));
    assert_eq!(requests[0].text(), requests[1].text());
    let channel = server.settled(&ann, &of(&ann)).await.remove(0);
    assert_eq!(channel["last_delivery"]["status"], "delivered");
}

#[tokio::test]
async fn an_attempt_that_outlives_its_lease_goes_on_alone_and_counts() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.receiver.script([Answer::Drip]);
    server.add_channel(&ann, &of(&ann), "webhook", &server.receiver.url("/hook")).await;
    server.receiver.wait_for(1).await;
    server.advance(Duration::from_secs(61));
    let log = log_when(&server, &ann, |rows| rows[0]["status"] == "delivered").await;
    assert_eq!(log[0]["attempts"].as_array().map(Vec::len), Some(1));
    assert_eq!(server.receiver.requests().len(), 1);
}

#[tokio::test]
async fn what_comes_of_an_attempt_whose_lease_another_has_is_not_written() {
    let mut server = Server::start().await;
    let ann = server.person("Ann").await;
    server.receiver.script([Answer::Drip]);
    server.add_channel(&ann, &of(&ann), "webhook", &server.receiver.url("/hook")).await;
    server.receiver.wait_for(1).await;
    let now = server.app.now();
    let taken_over = server.app.db.write(move |tx| {
        tx.execute("update outbox set lease = $1", (Uuid::from_u128(7),))?;
        tx.commit(&By::service("test"), now, Event::upkeep(), ())
    });
    taken_over.await.map_err(|error: Error| error).expect("taken over");
    // The end waits for the attempt; then the other one's lease runs out, and another attempt is made, which alone counts.
    server.restart(Duration::from_secs(25)).await;
    server.advance(Duration::from_secs(61));
    let requests = server.receiver.wait_for(2).await;
    assert_eq!(requests[0].header("webhook-id"), requests[1].header("webhook-id"));
    let log = log_when(&server, &ann, |rows| rows[0]["status"] == "delivered").await;
    assert_eq!(log[0]["attempts"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn the_end_of_a_server_waits_for_the_attempts_in_flight() {
    let mut server = Server::start().await;
    let ann = server.person("Ann").await;
    // A body that comes slowly: the status is there, the attempt is not over.
    server.receiver.script([Answer::Drip]);
    server.add_channel(&ann, &of(&ann), "webhook", &server.receiver.url("/hook")).await;
    server.receiver.wait_for(1).await;
    server.restart(Duration::from_secs(25)).await;
    let log = log(&server, &ann, &of(&ann)).await;
    assert_eq!(
        (&log[0]["status"], log[0]["attempts"].as_array().map(Vec::len)),
        (&json!("delivered"), Some(1))
    );
    assert_eq!(server.receiver.requests().len(), 1);
}

#[tokio::test]
async fn the_log_is_paged_filtered_and_masked_for_plain_users() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Ops").await;
    let owner = of_team(&team);
    let user = server.member(&ann, &team, "Una", "user").await;
    server.verified_webhook(&ann, &owner, "/hook").await;
    let long = "x".repeat(600);
    server.receiver.script([
        Answer::text(200, &long),
        Answer::text(200, "second"),
        Answer::text(200, "third"),
    ]);
    for _ in 0..3 {
        test(&server, &ann, &owner).await;
    }
    server.verified_email(&ann, &owner, "ops@example.com").await;
    server.settled(&ann, &owner).await;
    let rows = log(&server, &ann, &owner).await;
    let answers: Vec<_> = rows.iter().map(|row| row["attempts"][0]["answer"].clone()).collect();
    assert_eq!(answers[1..3], [json!("third"), json!("second")]);
    assert_eq!(answers[3].as_str().map(|text| text.chars().count()), Some(500));
    for row in log(&server, &user, &owner).await {
        assert!(row["attempts"][0]["answer"].as_str().is_none_or(|text| text == "…"), "{row}");
    }

    let path = format!("{owner}/notification-channel/deliveries");
    let of_webhook = server.get(&format!("{path}?priority=1&limit=3")).token(&ann.token).expect(200).await;
    assert_eq!(of_webhook.data()[..], rows[1..4]);
    let next = format!("{path}?priority=1&limit=3&cursor={}", of_webhook.text("/next_cursor"));
    let rest = server.get(&next).token(&ann.token).expect(200).await;
    assert_eq!((&rest.data()[..], &rest.body["next_cursor"]), (&rows[4..], &Value::Null));
    let of_mail = server.get(&format!("{path}?priority=2")).token(&ann.token).expect(200).await;
    assert_eq!(of_mail.data()[..], rows[..1]);
    server.get(&format!("{path}?priority=3")).token(&ann.token).refused(404, "not_found").await;
    let faulty = server.get(&format!("{path}?priority=0&limit=x&cursor=y")).token(&ann.token);
    faulty.faulty(&["cursor", "limit", "priority"]).await;
    server.get(&format!("{path}?priority=1,2")).token(&ann.token).faulty(&["priority"]).await;
}

async fn log_when(server: &Server, by: &Person, expected: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    until(server, by, &of(by), expected).await;
    log(server, by, &of(by)).await
}

/// Looks at the log after each attempt until it is as expected.
async fn until(server: &Server, by: &Person, owner: &str, expected: impl Fn(&[Value]) -> bool) {
    for _ in 0..200 {
        let mut heard = server.app.attempts.listen();
        let rows = log(server, by, owner).await;
        if expected(&rows) {
            return;
        }
        let id: uuid::Uuid = rows[0]["delivery_id"].as_str().expect("an id").parse().expect("a UUID");
        let _ = tokio::time::timeout(Duration::from_millis(100), heard.heard_of(id.into())).await;
    }
    panic!("the log never became as expected: {:?}", log(server, by, owner).await)
}
