//! `Idempotency-Key`: one effect, however often a request is repeated.

use std::time::Duration;

use serde_json::json;

use crate::support::Server;
use crate::support::races::{how_often, race, rounds};

#[tokio::test]
async fn the_same_request_under_the_same_key_gets_the_same_answer_once_more() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let create = || {
        server
            .post("/v1/team")
            .token(&ann.token)
            .header("idempotency-key", "key-1")
            .json(&json!({"name": "A"}))
    };
    let first = create().expect(201).await;
    assert_eq!(first.header("idempotency-replayed"), "");
    let again = create().expect(201).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(first.bytes, again.bytes);
    assert_eq!(server.get("/v1/teams").token(&ann.token).expect(200).await.data().len(), 1);
}

#[tokio::test]
async fn another_request_under_the_same_key_is_refused() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let create = |name: &str| {
        server
            .post("/v1/team")
            .token(&ann.token)
            .header("idempotency-key", "key-1")
            .json(&json!({"name": name}))
    };
    let team = create("A").expect(201).await.text("/team/team_id");
    create("B").refused(409, "idempotency_conflict").await;
    let rename = server.put(&format!("/v1/team/{team}")).token(&ann.token).header("idempotency-key", "key-1");
    rename.json(&json!({"name": "A"})).refused(409, "idempotency_conflict").await;
}

#[tokio::test]
async fn a_key_belongs_to_its_customer_and_ends_after_a_day() {
    let server = Server::start().await;
    let (ann, bea) = (server.person("Ann").await, server.person("Bea").await);
    let create = |token: &str, name: &str| {
        server.post("/v1/team").token(token).header("idempotency-key", "key-1").json(&json!({"name": name}))
    };
    let first = create(&ann.token, "A").expect(201).await;
    let other = create(&bea.token, "A").expect(201).await;
    assert_ne!(first.text("/team/team_id"), other.text("/team/team_id"));
    server.advance(Duration::from_secs(24 * 60 * 60));
    let ann = server.sign_in(&ann.email, &ann.password).await;
    let after = create(&ann.token, "B").expect(201).await;
    assert_eq!(after.header("idempotency-replayed"), "");
}

#[tokio::test]
async fn a_refusal_is_not_kept() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let create = || {
        server
            .post("/v1/team")
            .token(&ann.token)
            .header("idempotency-key", "key-1")
            .json(&json!({"name": "A"}))
    };
    create().refused(409, "name_taken").await;
    server.put(&format!("/v1/team/{team}")).token(&ann.token).json(&json!({"name": "B"})).expect(200).await;
    create().expect(201).await;
}

#[tokio::test]
async fn a_key_that_is_no_key_is_named() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    for key in ["", "two words", &"x".repeat(256), "schlüssel"] {
        let create = server.post("/v1/team").token(&ann.token).header("idempotency-key", key);
        create.json(&json!({"name": "A"})).faulty(&["Idempotency-Key"]).await;
    }
    let create = server.post("/v1/team").token(&ann.token);
    let create = create.header("idempotency-key", "one").header("idempotency-key", "two");
    create.json(&json!({"name": "A"})).faulty(&["Idempotency-Key"]).await;
    assert_eq!(server.listed(&ann, "/v1/teams").await, Vec::<serde_json::Value>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_used_eight_times_at_once_makes_one_team() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    for round in rounds() {
        let (key, name) = (format!("round-{round}"), format!("Team {round}"));
        let create = || {
            server
                .post("/v1/team")
                .token(&ann.token)
                .header("idempotency-key", &key)
                .json(&json!({"name": name}))
                .send()
        };
        let answers = race((0..8).map(|_| create()).collect()).await;
        let fresh: Vec<_> = answers
            .iter()
            .filter(|a| a.status == 201 && a.header("idempotency-replayed").is_empty())
            .collect();
        assert_eq!(fresh.len(), 1, "one request had the effect");
        for answer in &answers {
            match answer.status.as_u16() {
                201 => assert_eq!(answer.bytes, fresh[0].bytes),
                409 => assert_eq!(
                    (answer.text("/code").as_str(), answer.retry_after()),
                    ("idempotency_conflict", 1)
                ),
                status => panic!("{status}: {}", answer.body),
            }
        }
    }
    let mut teams = 0;
    let mut path = "/v1/teams?limit=200".to_owned();
    while !path.is_empty() {
        let page = server.get(&path).token(&ann.token).expect(200).await;
        teams += page.data().len();
        path = page.body["next_cursor"]
            .as_str()
            .map(|cursor| format!("/v1/teams?cursor={cursor}"))
            .unwrap_or_default();
    }
    assert_eq!(teams, how_often());
}
