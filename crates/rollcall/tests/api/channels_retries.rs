//! When a message is tried again: by the schedule, as the receiver asks, and by hand.

use std::time::Duration;

use jiff::Timestamp;
use notify_fakes::Answer;
use rollcall::db::Error;
use serde_json::{Value, json};

use crate::support::channels::{of, of_team};
use crate::support::notifications::alert;
use crate::support::teams::NOWHERE;
use crate::support::{Person, Server};

/// When the only message that waits is due; none once the queue is empty.
async fn due(server: &Server) -> Option<Timestamp> {
    let row: Result<Option<(Timestamp,)>, Error> =
        server.app.db.read(|reader| reader.fetch_optional("select due_at from outbox", ())).await;
    row.expect("the storage answers").map(|(due,)| due)
}

/// The newest delivery once it has had so many attempts.
async fn attempted(server: &Server, by: &Person, owner: &str, attempts: usize) -> Value {
    for _ in 0..500 {
        let mut heard = server.app.attempts.listen();
        let row = server.log(by, owner).await.remove(0);
        if row["attempts"].as_array().map(Vec::len) == Some(attempts) {
            return row;
        }
        let id: uuid::Uuid = row["delivery_id"].as_str().expect("an id").parse().expect("a UUID");
        let _ = tokio::time::timeout(Duration::from_millis(50), heard.heard_of(id.into())).await;
    }
    panic!("there were never {attempts} attempts: {:?}", server.log(by, owner).await[0])
}

fn path(owner: &str, delivery: &Value) -> String {
    let id = delivery["delivery_id"].as_str().expect("an id");
    format!("{owner}/notification-channel/deliveries/{id}/retry")
}

#[tokio::test]
async fn a_message_is_tried_ten_times_over_three_days_under_one_id() {
    let server = Server::start().await;
    let mut ann = server.person("Ann").await;
    let owner = of(&ann);
    server.verified_webhook(&ann, &owner, "/hook").await;
    server.receiver.always(Answer::status(503));
    server.notify(&ann, &owner, &alert()).await;
    for (number, seconds) in
        [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].into_iter().enumerate()
    {
        let row = attempted(&server, &ann, &owner, number + 1).await;
        assert_eq!(row["status"], "queued");
        let last: Timestamp =
            row["attempts"][number]["at"].as_str().expect("a time").parse().expect("a time");
        let due = due(&server).await.expect("it waits");
        let wait = due.duration_since(last).as_secs_f64();
        let plan = f64::from(seconds);
        assert!((plan * 0.8 - 0.01..=plan * 1.2 + 0.01).contains(&wait), "after {}: {wait} s", number + 1);
        server.advance(due.duration_since(server.app.now()).try_into().unwrap_or_default());
        ann = server.again(&ann).await;
    }
    let row = attempted(&server, &ann, &owner, 10).await;
    assert_eq!(row["status"], "failed");
    assert_eq!(due(&server).await, None);
    let requests = server.receiver.requests();
    assert_eq!(requests.len(), 11);
    assert!(requests[1..].iter().all(|request| request.header("webhook-id") == row["delivery_id"].as_str()));
}

#[tokio::test]
async fn a_receiver_says_when_to_come_back_for_a_day_at_most() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let owner = of(&ann);
    server.verified_webhook(&ann, &owner, "/hook").await;
    server.receiver.script([Answer::too_many("3600"), Answer::too_many("999999999")]);
    server.notify(&ann, &owner, &alert()).await;
    let mut ann = ann;
    for (number, seconds) in [3_600, 86_400].into_iter().enumerate() {
        let row = attempted(&server, &ann, &owner, number + 1).await;
        let last: Timestamp =
            row["attempts"][number]["at"].as_str().expect("a time").parse().expect("a time");
        let due = due(&server).await.expect("it waits");
        assert_eq!(due.duration_since(last).as_secs(), seconds);
        server.advance(due.duration_since(server.app.now()).try_into().unwrap_or_default());
        ann = server.again(&ann).await;
    }
    assert_eq!(attempted(&server, &ann, &owner, 3).await["status"], "delivered");
}

#[tokio::test]
async fn what_cannot_recover_is_tried_once_and_again_by_hand() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let owner = of(&ann);
    server.verified_webhook(&ann, &owner, "/hook").await;
    server.receiver.script([Answer::text(422, "no"), Answer::status(500)]);
    server.notify(&ann, &owner, &alert()).await;
    let failed = attempted(&server, &ann, &owner, 1).await;
    assert_eq!(failed["status"], "failed");

    // The channel has another value by now: the message goes there, under its id.
    let body = json!({"priority": 1, "value": server.receiver.url("/new")});
    server.put(&format!("{owner}/notification-channel")).token(&ann.token).json(&body).expect(200).await;
    server.receiver.wait_for_one(|request| request.path == "/new").await;
    let code = server.receiver.requests().iter().find(|request| request.path == "/new").expect("sent").json();
    let code = code["data"]["code"].as_str().expect("a code").to_owned();
    // The 500 was for the code; it is sent again after five seconds.
    server.advance(Duration::from_secs(7));
    assert_eq!(server.verify(&ann, &owner, 1, &code).await.status, 200);
    let retried = server.post(&path(&owner, &failed)).token(&ann.token).header("idempotency-key", "again");
    let retried = retried.expect(202).await;
    assert_eq!(
        (retried.text("/delivery/status"), retried.text("/delivery/delivery_id")),
        ("queued".to_owned(), failed["delivery_id"].as_str().expect("an id").to_owned())
    );
    let request = server
        .receiver
        .wait_for_one(|request| {
            request.path == "/new" && request.header("webhook-id") == failed["delivery_id"].as_str()
        })
        .await;
    assert_eq!(request.json()["data"]["title"], "Checkout is down");
    let replayed = server.post(&path(&owner, &failed)).token(&ann.token).header("idempotency-key", "again");
    assert_eq!(replayed.expect(202).await.header("idempotency-replayed"), "true");
}

#[tokio::test]
async fn a_message_that_waits_is_tried_at_once_by_hand_and_one_that_arrived_is_not() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Ops").await;
    let owner = of_team(&team);
    let una = server.member(&ann, &team, "Una", "user").await;
    server.verified_webhook(&ann, &owner, "/hook").await;
    server.receiver.script([Answer::status(503)]);
    server.notify(&ann, &owner, &alert()).await;
    let waits = attempted(&server, &ann, &owner, 1).await;
    let path = path(&owner, &waits);
    server.post(&path).token(&una.token).refused(403, "role_insufficient").await;
    server.post(&path).refused(401, "token_missing").await;
    let bo = server.person("Bo").await;
    server.post(&path).token(&bo.token).refused(404, "not_found").await;
    let elsewhere = path.replace(&owner, &of(&ann));
    server.post(&elsewhere).token(&ann.token).refused(404, "not_found").await;
    let nothing = format!("{owner}/notification-channel/deliveries/{NOWHERE}/retry");
    server.post(&nothing).token(&ann.token).refused(404, "not_found").await;

    server.post(&path).token(&ann.token).expect(202).await;
    assert_eq!(attempted(&server, &ann, &owner, 2).await["status"], "delivered");
    let refused = server.post(&path).token(&ann.token).refused(409, "nothing_pending").await;
    assert!(refused.text("/detail").contains("delivered"));
    let log = server.log(&ann, &owner).await;
    let code = log.iter().find(|row| row["kind"] == "verification").expect("the code's delivery");
    let refused =
        server.post(&self::path(&owner, code)).token(&ann.token).refused(409, "nothing_pending").await;
    assert!(refused.text("/detail").contains("fresh one"));
}
