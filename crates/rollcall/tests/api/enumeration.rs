//! Whether an address has an account: no answer tells, and no time to answer either.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{PASSWORD, Server, trials};

/// The same question about an address, whichever it is.
fn questions(email: &str) -> [(&'static str, &'static str, Value); 5] {
    [
        ("POST", "/v1/auth", json!({"email": email, "password": "another-password-9"})),
        (
            "POST",
            "/v1/account",
            json!({"name": "Ann", "surname": "Lee", "email": email, "password": PASSWORD}),
        ),
        ("POST", "/v1/account/confirmation-code", json!({"email": email})),
        ("POST", "/v1/account/password", json!({"email": email})),
        ("PATCH", "/v1/account/password", json!({"email": email, "code": "000000", "password": PASSWORD})),
    ]
}

async fn ask(
    server: &Server,
    method: &str,
    path: &str,
    body: &Value,
) -> (u16, Vec<String>, Vec<u8>, Duration) {
    let method = method.parse().expect("a method");
    let begun = Instant::now();
    let answer = server.request(method, path).header("x-request-id", "same").json(body).send().await;
    let took = begun.elapsed();
    let headers = answer.headers.iter().filter(|(name, _)| *name != "date");
    let headers = headers.map(|(name, value)| format!("{name}: {value:?}")).collect();
    (answer.status.as_u16(), headers, answer.bytes, took)
}

#[tokio::test]
async fn answers_about_a_known_and_an_unknown_address_are_equal_to_the_byte() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let waiting = json!({"name": "Zoe", "surname": "Lee", "email": "zoe@example.com", "password": PASSWORD});
    server.post("/v1/account").json(&waiting).expect(201).await;
    for (known, unknown) in
        [(ann.email.as_str(), "nobody@example.com"), ("zoe@example.com", "none@example.com")]
    {
        for ((method, path, known), (_, _, unknown)) in questions(known).into_iter().zip(questions(unknown)) {
            let (known, unknown) =
                (ask(&server, method, path, &known).await, ask(&server, method, path, &unknown).await);
            // Five tries for a code that is out, by the contract: that detail is of the code, not of the account.
            if method == "PATCH" {
                assert_eq!(known.0, unknown.0, "{method} {path}");
            } else {
                assert_eq!(
                    (known.0, &known.1, &known.2),
                    (unknown.0, &unknown.1, &unknown.2),
                    "{method} {path}"
                );
            }
        }
    }
}

/// How often one of the first is slower than one of the second: 0.5 where the two cannot be told apart (Mann and Whitney).
fn auc(first: &[Duration], second: &[Duration]) -> f64 {
    let wins: f64 = first
        .iter()
        .flat_map(|one| second.iter().map(move |other| one.cmp(other)))
        .map(|order| match order {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        })
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "a few thousand tries")]
    let pairs = (first.len() * second.len()) as f64;
    wins / pairs
}

/// A figure, never a verdict: a busy machine measures its own noise.
#[tokio::test]
async fn times_to_answer_about_known_and_unknown_addresses_are_compared() {
    let server = Server::with(&[("rate_limits", "off")]).await;
    let ann = server.person("Ann").await;
    for (method, path) in [("POST", "/v1/auth"), ("POST", "/v1/account/password")] {
        let body = |email: &str| {
            let all = questions(email);
            all.into_iter().find(|(m, p, _)| (*m, *p) == (method, path)).expect("a question").2
        };
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for _ in 0..trials(20) {
            known.push(ask(&server, method, path, &body(&ann.email)).await.3);
            unknown.push(ask(&server, method, path, &body("nobody@example.com")).await.3);
        }
        println!("enumeration, {method} {path}: AUC {:.3} over {} pairs", auc(&known, &unknown), known.len());
    }
}

#[test]
fn what_can_be_told_apart_is_seen() {
    let times = |from: u64| (from..from + 50).map(Duration::from_millis).collect::<Vec<_>>();
    assert!((auc(&times(0), &times(0)) - 0.5).abs() < 0.001);
    assert!(auc(&times(60), &times(0)) > 0.999);
}
