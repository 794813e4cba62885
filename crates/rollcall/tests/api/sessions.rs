//! Sessions: signing in and out, refreshing, and what becomes of tokens.

use std::time::Duration;

use serde_json::json;

use crate::support::races::{race, rounds};
use crate::support::{PASSWORD, Server};

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_get_the_same_answer() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let sign_in =
        |email: &str| server.post("/v1/auth").json(&json!({"email": email, "password": "wrong-password-1"}));
    let wrong = sign_in(&ann.email).refused(401, "credentials_invalid").await;
    let unknown = sign_in("nobody@example.com").refused(401, "credentials_invalid").await;
    assert_eq!(wrong.text("/detail"), unknown.text("/detail"));
    assert_eq!(wrong.header("www-authenticate"), unknown.header("www-authenticate"));
}

#[tokio::test]
async fn a_wrong_password_for_an_unconfirmed_account_does_not_tell_that_it_exists() {
    let server = Server::start().await;
    let body = json!({"name": "Ann", "surname": "Archer", "email": "ann@example.com", "password": PASSWORD});
    server.post("/v1/account").json(&body).expect(201).await;
    let sign_in = json!({"email": "ann@example.com", "password": "wrong-password-1"});
    server.post("/v1/auth").json(&sign_in).refused(401, "credentials_invalid").await;
}

#[tokio::test]
async fn signing_out_ends_the_session_at_once() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let other = server.sign_in(&ann.email, PASSWORD).await;
    server.delete("/v1/auth").token(&ann.token).expect(200).await;
    server.get("/v1/teams").token(&ann.token).refused(401, "token_invalid").await;
    server
        .post("/v1/auth/refresh")
        .json(&json!({"refresh_token": ann.refresh_token}))
        .refused(401, "token_invalid")
        .await;
    server.get("/v1/teams").token(&other.token).expect(200).await;
}

#[tokio::test]
async fn a_refresh_token_serves_once_and_its_second_use_ends_the_family() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let refresh = |token: &str| server.post("/v1/auth/refresh").json(&json!({"refresh_token": token}));
    let next = refresh(&ann.refresh_token).expect(200).await;
    let token = next.text("/access_token");
    server.get("/v1/teams").token(&token).expect(200).await;
    refresh(&ann.refresh_token).refused(401, "token_invalid").await;
    server.get("/v1/teams").token(&token).refused(401, "token_invalid").await;
    refresh(&next.text("/refresh_token")).refused(401, "token_invalid").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_use_one_refresh_token_at_once_at_most_one_gets_tokens_and_then_none_are_left() {
    let server = Server::start().await;
    for _ in rounds() {
        let ann = if server.smtp.messages().is_empty() {
            server.person("Ann").await
        } else {
            server.sign_in("ann@example.com", PASSWORD).await
        };
        let tries = (0..8).map(|_| {
            server.post("/v1/auth/refresh").json(&json!({"refresh_token": ann.refresh_token})).send()
        });
        let answers = race(tries.collect()).await;
        let good: Vec<_> = answers.iter().filter(|answer| answer.status.as_u16() == 200).collect();
        assert!(good.len() <= 1, "{} answers were good", good.len());
        for answer in good {
            server.get("/v1/teams").token(&answer.text("/access_token")).refused(401, "token_invalid").await;
        }
    }
}

#[tokio::test]
async fn access_tokens_end_after_an_hour_and_refresh_tokens_after_thirty_days() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.advance(Duration::from_secs(60 * 60));
    let refused = server.get("/v1/teams").token(&ann.token).refused(401, "token_expired").await;
    assert!(refused.header("www-authenticate").contains("invalid_token"));
    server.advance(Duration::from_secs(30 * 24 * 60 * 60));
    server
        .post("/v1/auth/refresh")
        .json(&json!({"refresh_token": ann.refresh_token}))
        .refused(401, "token_expired")
        .await;
}

#[tokio::test]
async fn tokens_are_refused_in_every_wrong_form() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let missing = server.get("/v1/teams").refused(401, "token_missing").await;
    assert_eq!(missing.header("www-authenticate"), "Bearer");
    for value in [
        "Bearer",
        "Bearer x",
        "Basic QTpC",
        &format!("Bearer {}x", ann.token),
        &format!("Token {}", ann.token),
        &format!("Bearer {}", ann.refresh_token),
    ] {
        server.get("/v1/teams").header("authorization", value).refused(401, "token_invalid").await;
    }
    let twice = server.get("/v1/teams").token(&ann.token).token(&ann.token);
    twice.refused(401, "token_invalid").await;
    server.get("/v1/teams").header("authorization", &format!("bearer {}", ann.token)).expect(200).await;
}

#[tokio::test]
async fn signing_in_and_refreshing_answer_alike() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let body = json!({"email": ann.email, "password": PASSWORD});
    // An open operation takes no key: each request is its own.
    let sign_in = || server.post("/v1/auth").header("idempotency-key", "k").json(&body);
    let first = sign_in().expect(200).await;
    let second = sign_in().expect(200).await;
    assert_ne!(first.text("/access_token"), second.text("/access_token"));
    let refresh = json!({"refresh_token": second.text("/refresh_token")});
    let third = server.post("/v1/auth/refresh").json(&refresh).expect(200).await;
    for answer in [first, second, third] {
        let text = |name: &str| answer.text(&format!("/{name}"));
        let whole = json!({
            "message": text("message"), "access_token": text("access_token"),
            "refresh_token": text("refresh_token"), "token_type": "Bearer", "expires_in": 3600,
            "customer": {
                "customer_id": ann.customer_id, "email": ann.email, "name": "Ann", "surname": "Tester",
                "role": "root",
            },
        });
        assert_eq!(answer.body, whole);
        server.get("/v1/customer").token(&text("access_token")).expect(200).await;
    }
    for token in ["", "x", &ann.token] {
        let refresh = server.post("/v1/auth/refresh").json(&json!({"refresh_token": token}));
        refresh.refused(401, "token_invalid").await;
    }
    server.post("/v1/auth/refresh").json(&json!({})).faulty(&["refresh_token"]).await;
    server.post("/v1/auth").json(&json!({"email": "ann"})).faulty(&["email", "password"]).await;
}

#[tokio::test]
async fn a_refresh_token_lives_for_thirty_days_from_its_own_issue() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let refresh = |token: String| server.post("/v1/auth/refresh").json(&json!({"refresh_token": token}));
    let mut token = ann.refresh_token.clone();
    for _ in 0..3 {
        server.advance(Duration::from_secs(29 * 24 * 60 * 60));
        token = refresh(token).expect(200).await.text("/refresh_token");
    }
    server.advance(Duration::from_secs(30 * 24 * 60 * 60));
    refresh(token).refused(401, "token_expired").await;
}

#[tokio::test]
async fn a_change_of_role_ends_no_session_and_counts_from_the_next_request() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let uma = server.member(&ann, &team, "Uma", "user").await;
    let rename =
        |name: &str| server.put(&format!("/v1/team/{team}")).token(&uma.token).json(&json!({"name": name}));
    rename("B").refused(403, "role_insufficient").await;
    server.change(&ann, &team, &uma, &json!({"role": "manager"})).expect(200).await;
    rename("B").expect(200).await;
    server.change(&ann, &team, &uma, &json!({"role": "user"})).expect(200).await;
    rename("C").refused(403, "role_insufficient").await;
    server.remove(&ann, &team, &uma).expect(200).await;
    rename("C").refused(404, "not_found").await;
    server.get("/v1/customer").token(&uma.token).expect(200).await;
}
