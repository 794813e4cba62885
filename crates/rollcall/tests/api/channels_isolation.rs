//! A receiver that hangs, and a backlog, cost nobody else anything.

use std::time::Duration;

use notify_fakes::{Answer, FakeReceiver};
use rollcall::db::Error;

use crate::support::channels::{of, of_team};
use crate::support::notifications::alert;
use crate::support::{Person, Server};

/// How many attempts of the room for customers' hosts run just now.
async fn running(server: &Server) -> i64 {
    let row: Result<(i64,), Error> = server
        .app
        .db
        .read(|reader| {
            reader.fetch_one("select count(*) from outbox where room = 'web' and lease is not null", ())
        })
        .await;
    row.expect("the storage answers").0
}

/// Waits until so many attempts run.
async fn until_running(server: &Server, expected: i64) {
    for _ in 0..500 {
        if running(server).await >= expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("only {} attempts run", running(server).await)
}

/// Somebody else's notification arrives at a webhook and by mail, whatever goes on.
async fn others_are_served(server: &Server, bo: &Person) {
    let team = server.team(bo, "Others").await;
    let owner = of_team(&team);
    server.verified_webhook(bo, &owner, "/others").await;
    server.verified_email(bo, &owner, "others@example.net").await;
    server.notify(bo, &owner, &alert()).await;
    server.smtp.wait_for(|mail| mail.subject().starts_with("Critical")).await;
    server.receiver.wait_for_one(|request| request.json()["type"] == "channel.notification").await;
}

#[tokio::test]
async fn a_hundred_webhooks_that_hang_hold_nobody_else_up() {
    let server = Server::start().await;
    let (ann, bo) = (server.person("Ann").await, server.person("Bo").await);
    let mut hanging = Vec::new();
    for _ in 0..10 {
        hanging.push(FakeReceiver::answering(Answer::Hang).await);
    }
    for number in 0..100 {
        let url = hanging[number % 10].url(&format!("/{number}"));
        server.add_channel(&ann, &of(&ann), "webhook", &url).await;
    }
    // A fifth of the places, though all hundred are due.
    until_running(&server, 16).await;
    assert_eq!(running(&server).await, 16);
    others_are_served(&server, &bo).await;
    // Her own mail has room of its own.
    server.verified_email(&ann, &of(&ann), "ann@example.net").await;
    assert!(running(&server).await <= 17);
}

#[tokio::test]
async fn a_backlog_of_six_hundred_holds_nobody_else_up() {
    let server = Server::with(&[("rate_limits", "off")]).await;
    let (ann, bo) = (server.person("Ann").await, server.person("Bo").await);
    let hanging = FakeReceiver::start().await;
    server.add_channel(&ann, &of(&ann), "webhook", &hanging.url("/hook")).await;
    let code = hanging.wait_for(1).await[0].json()["data"]["code"].as_str().expect("a code").to_owned();
    assert_eq!(server.verify(&ann, &of(&ann), 1, &code).await.status, 200);
    hanging.always(Answer::Hang);
    let (owner, alert) = (of(&ann), alert());
    for _ in 0..12 {
        let fifty = (0..50).map(|_| server.notify(&ann, &owner, &alert));
        futures_util::future::join_all(fifty).await;
    }
    until_running(&server, 16).await;
    others_are_served(&server, &bo).await;
    let waiting = rollcall::outbox::waiting(&server.app).await.expect("the storage answers");
    assert!(waiting >= 600, "the backlog is still there: {waiting}");
    // Bo's webhook has its answer, and may just be writing it down.
    assert!(running(&server).await <= 17);
}
