//! The outbox's worker when its process ends: asked to, or killed.

mod process;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use notify_fakes::{Answer, FakeReceiver, FakeTwilio, TwilioFault};
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
        tokio::time::sleep(Duration::from_millis(20)).await;
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

#[tokio::test]
async fn a_text_whose_worker_is_killed_goes_once_more_for_each_kill_and_is_paid_for_once() {
    const KILLS: usize = 3;
    let (folder, gateway) = (Folder::new(), FakeTwilio::start().await);
    let url = gateway.url("+15005550006");
    let settings = [("ROLLCALL_SMS_URL", url.as_str())];
    // It takes the order and never says so.
    gateway.fail(TwilioFault::Hang);
    let mut program = folder.serve(&settings);
    let token = program.sign_up("Ann").await;
    let me = program.send("GET", "/v1/customer", &token, &Value::Null, 200).await;
    let path = format!("/v1/customer/{}/notification-channel", me["customer_id"].as_str().expect("an id"));
    let channel = json!({"type": "sms", "value": "+994557654321"});
    program.send("POST", &path, &token, &channel, 201).await;
    for kill in 1..=KILLS {
        gateway.wait_for(kill).await;
        if kill == KILLS {
            gateway.fail(None);
        }
        // As kill -9 does.
        drop(program);
        program = folder.serve(&settings);
    }
    let delivery = delivery(&program, &format!("{path}/deliveries")).await;
    assert_eq!(delivery["status"], "delivered", "{delivery}");
    // The gateway knows no idempotency keys: what it took before a kill it sends, and nobody can know.
    let orders = gateway.requests();
    assert_eq!(orders.len(), KILLS + 1, "{orders:?}");
    assert!(orders.iter().all(|order| *order == orders[0]), "they say the same: {orders:?}");

    // Ten texts a day go to one number, and that was the first of them.
    for text in 2..=10 {
        program.send("DELETE", &format!("{path}?priority=1"), &token, &Value::Null, 200).await;
        program.send("POST", &path, &token, &channel, 201).await;
        gateway.wait_for(KILLS + text).await;
    }
    program.send("DELETE", &format!("{path}?priority=1"), &token, &Value::Null, 200).await;
    program.send("POST", &path, &token, &channel, 429).await;
    println!("texts: {KILLS} kills, {KILLS} repetitions, 1 of 10 spent");
}

/// What the senders were told, over all lives of the program.
#[derive(Default)]
struct Sent {
    acknowledged: Mutex<Vec<String>>,
}

/// Sends notifications until the program dies, or it is enough.
async fn send_until_it_dies(
    http: reqwest::Client,
    url: String,
    token: String,
    sent: Arc<Sent>,
    enough: usize,
) {
    let body = json!({"title": "Down", "body": "Since noon.", "severity": "critical"});
    while sent.acknowledged.lock().expect("the ledger").len() < enough {
        let Ok(answer) = http.post(&url).bearer_auth(&token).json(&body).send().await else { return };
        assert_eq!(answer.status().as_u16(), 202);
        let Ok(answer) = answer.json::<Value>().await else { return };
        let id = answer["deliveries"][0]["delivery_id"].as_str().expect("an id").to_owned();
        sent.acknowledged.lock().expect("the ledger").push(id);
    }
}

/// Kills the program again and again while it sends, and looks at what arrived in the end.
async fn kill_while_it_sends(deliveries: usize, kills: usize) {
    let (folder, receiver) = (Folder::new(), FakeReceiver::start().await);
    let settings = [SETTINGS[0], SETTINGS[1], ("ROLLCALL_RATE_LIMITS", "off"), ("ROLLCALL_LOG", "error")];
    let mut program = folder.serve(&settings);
    let token = program.sign_up("Ann").await;
    let me = program.send("GET", "/v1/customer", &token, &Value::Null, 200).await;
    let owner = format!("/v1/customer/{}", me["customer_id"].as_str().expect("an id"));
    let channel = format!("{owner}/notification-channel");
    let body = json!({"type": "webhook", "value": receiver.url("/hook")});
    program.send("POST", &channel, &token, &body, 201).await;
    let code = receiver.wait_for(1).await[0].json()["data"]["code"].clone();
    let proof = json!({"priority": 1, "code": code});
    program.send("PATCH", &format!("{channel}/verification"), &token, &proof, 200).await;

    let sent = Arc::new(Sent::default());
    for life in 0..=kills {
        // The last life is left alone until all is sent.
        let enough = deliveries * (life + 1) / (kills + 1);
        let senders: Vec<_> = (0..4)
            .map(|_| {
                let (http, url) = (program.http.clone(), format!("{}{owner}/notification", program.url));
                tokio::spawn(send_until_it_dies(http, url, token.clone(), Arc::clone(&sent), enough))
            })
            .collect();
        if life < kills {
            // Spread over the phases of an attempt without randomness that could not be repeated.
            let phase = u64::try_from(40 + life * 37 % 211).expect("a small number");
            tokio::time::sleep(Duration::from_millis(phase)).await;
            drop(program);
            program = folder.serve(&settings);
        }
        for sender in senders {
            sender.await.expect("a sender ends with the program");
        }
    }
    let acknowledged = sent.acknowledged.lock().expect("the ledger").clone();
    assert!(acknowledged.len() >= deliveries, "only {} were acknowledged", acknowledged.len());

    let mut bodies: HashMap<String, (usize, Vec<u8>)> = HashMap::new();
    for _ in 0..600 {
        bodies.clear();
        for request in receiver.requests() {
            let id = request.header("webhook-id").expect("an id").to_owned();
            let (count, body) = bodies.entry(id).or_insert_with(|| (0, request.body.clone()));
            *count += 1;
            assert_eq!(*body, request.body, "a repetition says something else");
        }
        if acknowledged.iter().all(|id| bodies.contains_key(id)) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let lost: Vec<_> = acknowledged.iter().filter(|id| !bodies.contains_key(*id)).collect();
    assert!(lost.is_empty(), "{} of {} are lost: {lost:?}", lost.len(), acknowledged.len());
    let repeated = bodies.values().filter(|(count, _)| *count > 1).count();
    println!(
        "{kills} kills over {} deliveries: 0 lost, {repeated} made again under the same id",
        acknowledged.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_over_a_thousand_deliveries_and_twenty_kills() {
    kill_while_it_sends(1_000, 20).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "minutes: `just trials`"]
async fn nothing_is_lost_over_ten_thousand_deliveries_and_two_hundred_kills() {
    kill_while_it_sends(10_000, 200).await;
}
