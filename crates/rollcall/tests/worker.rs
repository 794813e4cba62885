//! The outbox's worker when its process ends: asked to, or killed.

mod process;

use notify_fakes::{Answer, FakeReceiver};
use serde_json::{Value, json};

use crate::process::{Folder, Program};

const SETTINGS: [(&str, &str); 2] =
    [("ROLLCALL_WEBHOOK_ALLOW_HTTP", "true"), ("ROLLCALL_OUTBOUND_ALLOW", "127.0.0.0/8")];

/// A team with a webhook whose first message the receiver has got; gives the path of its deliveries.
async fn with_webhook(program: &Program, receiver: &FakeReceiver) -> String {
    let token = program.sign_up("Ann").await;
    let team = program.send("POST", "/v1/team", &token, &json!({"name": "Ops"}), 201).await;
    let path = format!("/v1/team/{}/notification-channel", team["team"]["team_id"].as_str().expect("an id"));
    let body = json!({"type": "webhook", "value": receiver.url("/hook")});
    program.send("POST", &path, &token, &body, 201).await;
    receiver.wait_for(1).await;
    format!("{path}/deliveries")
}

/// The only delivery, once it has ended.
async fn delivery(program: &Program, path: &str) -> Value {
    let token = program.sign_in("ann@example.com").await;
    for _ in 0..500 {
        let list = program.send("GET", path, &token, &Value::Null, 200).await;
        if list["data"][0]["status"] != "queued" {
            return list["data"][0].clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the delivery never ended")
}

#[tokio::test]
async fn sigterm_waits_for_the_attempt_in_flight() {
    let (folder, receiver) = (Folder::new(), FakeReceiver::start().await);
    // The status is there at once and the body drips: the attempt ends after five seconds.
    receiver.script([Answer::Drip]);
    let program = folder.serve(&SETTINGS);
    let path = with_webhook(&program, &receiver).await;
    let ended = tokio::task::spawn_blocking(|| program.terminate()).await.expect("it ends");
    assert_eq!(ended.code(), Some(0));
    let program = folder.serve(&SETTINGS);
    let delivery = delivery(&program, &path).await;
    assert_eq!(delivery["status"], "delivered", "{delivery}");
    assert_eq!(delivery["attempts"].as_array().map(Vec::len), Some(1), "{delivery}");
    assert_eq!(receiver.requests().len(), 1);
}

#[tokio::test]
async fn a_worker_killed_between_sending_and_marking_sends_again_under_the_same_id() {
    let (folder, receiver) = (Folder::new(), FakeReceiver::start().await);
    receiver.script([Answer::Hang]);
    let program = folder.serve(&SETTINGS);
    let path = with_webhook(&program, &receiver).await;
    // As kill -9 does.
    drop(program);
    let program = folder.serve(&SETTINGS);
    let requests = receiver.wait_for(2).await;
    assert_eq!(requests[0].header("webhook-id"), requests[1].header("webhook-id"));
    assert_eq!(requests[0].body, requests[1].body);
    let delivery = delivery(&program, &path).await;
    assert_eq!(delivery["status"], "delivered", "{delivery}");
    assert_eq!(requests[0].header("webhook-id"), delivery["delivery_id"].as_str());
}
