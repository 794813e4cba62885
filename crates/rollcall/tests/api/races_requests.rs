//! Races of one request with itself: an idempotency key has one effect, a refresh token serves once.

use serde_json::json;

use crate::support::races::{many, race, rounds};
use crate::support::{PASSWORD, Server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_used_fifty_times_at_once_for_two_requests_has_one_effect() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let ann = server.person("Ann").await;
    for round in rounds() {
        let (key, racers) = (format!("round-{round}"), if round % 3 == 2 { 50 } else { many(round) });
        let create = |number: usize| {
            // In every second round somebody uses the key for something else.
            let other = if round % 2 == 1 && number % 2 == 1 { " too" } else { "" };
            let request = server.post("/v1/team").token(&ann.token).header("idempotency-key", &key);
            request.json(&json!({"name": format!("Team {round}{other}")})).send()
        };
        let answers = race((0..racers).map(create).collect()).await;
        let fresh: Vec<_> = answers
            .iter()
            .filter(|answer| answer.status == 201 && answer.header("idempotency-replayed").is_empty())
            .collect();
        assert_eq!(fresh.len(), 1, "round {round}");
        for answer in &answers {
            match answer.status.as_u16() {
                201 => assert_eq!(answer.bytes, fresh[0].bytes, "round {round}"),
                409 => assert_eq!(answer.text("/code"), "idempotency_conflict", "round {round}"),
                status => panic!("round {round}: {status}: {}", answer.body),
            }
        }
        let team = fresh[0].text("/team/team_id");
        assert_eq!(server.listed(&ann, "/v1/teams").await.len(), 1, "round {round}");
        server.delete(&format!("/v1/team/{team}")).token(&ann.token).expect(200).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_token_used_at_once_or_replayed_later_leaves_no_token_of_its_family() {
    let server = Server::raced(&[("rate_limits", "off")]).await;
    let ann = server.person("Ann").await;
    let refresh = |token: &str| server.post("/v1/auth/refresh").json(&json!({"refresh_token": token}));
    for round in rounds() {
        let session = server.sign_in(&ann.email, PASSWORD).await;
        // In every second round the spent token comes back after the family has gone on for a while.
        let spent = if round % 2 == 0 {
            session.refresh_token.clone()
        } else {
            let next = refresh(&session.refresh_token).expect(200).await.text("/refresh_token");
            let last = refresh(&next).expect(200).await;
            refresh(&session.refresh_token).refused(401, "token_invalid").await;
            last.text("/refresh_token")
        };
        let racers = if round % 3 == 2 { 20 } else { many(round) };
        let answers = race((0..racers).map(|_| refresh(&spent).send()).collect()).await;
        let good: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert!(good.len() <= 1 - round % 2, "round {round}: {} were good", good.len());
        let mut dead = vec![session.token.clone()];
        dead.extend(good.iter().map(|answer| answer.text("/access_token")));
        for token in dead {
            server.get("/v1/teams").token(&token).refused(401, "token_invalid").await;
        }
        for answer in good {
            refresh(&answer.text("/refresh_token")).refused(401, "token_invalid").await;
        }
        // Another session of the same person goes on.
        server.get("/v1/teams").token(&ann.token).expect(200).await;
    }
}
