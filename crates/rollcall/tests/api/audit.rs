//! The audit log, as roots read it.

use serde_json::{Value, json};

use crate::support::Server;

#[tokio::test]
async fn the_audit_log_shows_who_did_what_newest_first() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let create = server.post("/v1/team").token(&ann.token).header("x-request-id", "make-1");
    let team = create.json(&json!({"name": "A"})).expect(201).await.text("/team/team_id");
    let list = server.get("/v1/org/audit-log").token(&ann.token).expect(200).await;
    let mut newest = json!({
        "actor": {"customer_id": ann.customer_id, "full_name": "Ann Tester"},
        "action": "team.created", "target": {"type": "team", "id": team}, "request_id": "make-1",
        "ip": "127.0.0.1",
    });
    for field in ["event_id", "at"] {
        newest[field] = list.body["data"][0][field].clone();
        assert!(newest[field].is_string(), "{newest}");
    }
    assert_eq!(list.body["data"][0], newest);
    let actions: Vec<_> = list.data().iter().map(|entry| entry["action"].as_str().expect("a text")).collect();
    assert_eq!(actions, ["team.created", "session.started", "customer.created"]);
}

#[tokio::test]
async fn the_audit_log_is_for_roots_and_of_their_organization_alone() {
    let server = Server::start().await;
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let team = server.team(&ann, "A").await;
    let mia = server.member(&ann, &team, "Mia", "manager").await;
    server.guest(&ann, &team, &gus, "manager").await;
    let log = |token: &str, query: &str| server.get(&format!("/v1/org/audit-log{query}")).token(token);
    log(&mia.token, "").refused(403, "role_insufficient").await;
    log(&mia.token, "?limit=0").refused(403, "role_insufficient").await;
    server.get("/v1/org/audit-log").refused(401, "token_missing").await;
    let own = log(&gus.token, "").expect(200).await;
    assert!(!String::from_utf8_lossy(&own.bytes).contains(&ann.customer_id));
    // What a guest did stands in the log of the organization where it was done.
    server.put(&format!("/v1/team/{team}")).token(&gus.token).json(&json!({"name": "B"})).expect(200).await;
    let newest = log(&ann.token, "?limit=1").expect(200).await;
    assert_eq!(newest.text("/data/0/actor/full_name"), "Gus Tester");
    assert_eq!(log(&gus.token, "").expect(200).await.body, own.body);
}

#[tokio::test]
async fn the_audit_log_is_read_page_by_page_while_it_grows() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    for number in 0..5 {
        server.team(&ann, &format!("Team {number}")).await;
    }
    let log = |query: &str| server.get(&format!("/v1/org/audit-log{query}")).token(&ann.token);
    let whole = log("").expect(200).await;
    let mut read = Vec::new();
    let mut page = log("?limit=3").expect(200).await;
    loop {
        read.extend(page.data().clone());
        // Entries that come meanwhile do not move the pages.
        server.team(&ann, &format!("Later {}", read.len())).await;
        let Value::String(cursor) = &page.body["next_cursor"] else { break };
        page = log(&format!("?limit=3&cursor={cursor}")).expect(200).await;
    }
    assert_eq!(read, *whole.data());
    log("?limit=201&cursor=x").faulty(&["limit", "cursor"]).await;
}

#[tokio::test]
async fn a_stranger_who_tries_a_password_has_no_name_in_the_log() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let wrong = json!({"email": ann.email, "password": "wrong-password-1"});
    server.post("/v1/auth").json(&wrong).refused(401, "credentials_invalid").await;
    let log = server.get("/v1/org/audit-log?limit=1").token(&ann.token).expect(200).await;
    assert_eq!(log.body["data"][0]["actor"], Value::Null);
    assert_eq!(log.text("/data/0/action"), "session.refused");
    assert_eq!(log.body["data"][0]["target"], json!({"type": "customer", "id": ann.customer_id}));
}

#[tokio::test]
async fn the_log_is_filtered_by_person_and_by_action() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Platform").await;
    let ben = server.member(&ann, &team, "Ben", "user").await;
    let of = async |query: &str| server.listed(&ann, &format!("/v1/org/audit-log?{query}")).await;
    let by_ben = of(&format!("actor={}", ben.customer_id)).await;
    assert!(
        !by_ben.is_empty() && by_ben.iter().all(|entry| entry["actor"]["customer_id"] == ben.customer_id)
    );
    let made = of("action=team.created,invitation.sent").await;
    let actions: Vec<_> = made.iter().map(|entry| entry["action"].as_str().expect("a text")).collect();
    assert_eq!(actions, ["invitation.sent", "team.created"]);
    assert!(of(&format!("actor={}&action=team.created", ben.customer_id)).await.is_empty());
    let filtered = |query: &str| server.get(&format!("/v1/org/audit-log?{query}")).token(&ann.token);
    filtered("action=team.eaten").faulty(&["action"]).await;
    filtered("actor=ann&action=x&limit=0").faulty(&["actor", "action", "limit"]).await;
    let page = filtered("action=session.started&limit=1").expect(200).await;
    let cursor = page.text("/next_cursor");
    filtered(&format!("action=team.created&cursor={cursor}")).faulty(&["cursor"]).await;
}
