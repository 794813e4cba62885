//! More requests than the storage can take: who comes then is told at once when to come back.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};

use rollcall::db::Error;
use rollcall::http::crowd::MOST;

use crate::support::Server;

const ORIGIN: &str = "https://app.example.com";

#[tokio::test]
async fn who_comes_while_too_many_wait_is_told_at_once_when_to_come_back() {
    let server = Server::with(&[("cors_origins", ORIGIN)]).await;
    let ann = server.person("Ann").await;
    let teams = || server.get("/v1/teams").token(&ann.token).header("origin", ORIGIN);
    teams().expect(200).await;
    // Queries that end when the gate opens: the sender is dropped.
    let (open, gate) = channel::<()>();
    let gate = Arc::new(Mutex::new(gate));
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..MOST {
        let (db, gate) = (server.app.db.clone(), Arc::clone(&gate));
        waiting.spawn(async move {
            db.read(move |_| {
                let ended = gate.lock().unwrap_or_else(PoisonError::into_inner).recv();
                assert!(ended.is_err(), "nothing is ever sent");
                Ok::<_, Error>(())
            })
            .await
        });
    }
    while server.app.db.running() < MOST {
        tokio::task::yield_now().await;
    }
    let refused = teams().refused(503, "unavailable").await;
    assert_eq!(refused.header("retry-after"), "1");
    // A page on another origin can read why, and when to come back.
    assert_eq!(refused.header("access-control-allow-origin"), ORIGIN);
    assert!(refused.header("access-control-expose-headers").contains("Retry-After"));
    server.get("/healthz").expect(200).await;
    drop(open);
    for ended in waiting.join_all().await {
        ended.expect("the query ends");
    }
    teams().expect(200).await;
}
