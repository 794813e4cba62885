//! What one client may try, and how many messages others may be made to get: every limit at its edge (`limits/rows.rs`), counters that
//! several operations share (`limits/doors.rs`), and what is special about some.

mod alarms;
mod codes;
mod doors;
mod hold;
mod messages;
mod prepare;
mod rows;
mod source;
mod spend;
mod world;

use std::time::Duration;

use serde_json::json;

use crate::support::channels::of;
use crate::support::{Answer, PASSWORD, Request, Server};

/// A server behind a proxy, so that requests come from where the tests say.
async fn behind_a_proxy() -> Server {
    Server::with(&[("trusted_proxies", "127.0.0.0/8")]).await
}

trait From {
    fn from(self, address: &str) -> Self;
}

impl From for Request<'_> {
    fn from(self, address: &str) -> Self {
        self.header("x-forwarded-for", address)
    }
}

async fn sign_up(server: &Server, from: &str, number: usize) -> Answer {
    let account = json!({"name": "Ann", "surname": "Lee", "email": format!("a{number}@example.com"), "password": PASSWORD});
    server.post("/v1/account").from(from).json(&account).send().await
}

async fn sign_in(server: &Server, from: &str, email: &str, password: &str) -> Answer {
    server.post("/v1/auth").from(from).json(&json!({"email": email, "password": password})).send().await
}

/// Refused as too much, with how long to wait.
fn too_many(answer: &Answer) -> bool {
    answer.status == 429 && answer.body["code"] == "rate_limited" && answer.retry_after() > 0
}

#[tokio::test]
async fn an_address_of_ipv4_is_the_same_in_both_notations_and_made_up_headers_do_not_change_it() {
    let server = behind_a_proxy().await;
    for number in 0..10 {
        let forged = format!("198.51.100.{number}, 203.0.113.9");
        assert_eq!(sign_up(&server, &forged, number).await.status, 201);
    }
    for from in ["203.0.113.9", "::ffff:203.0.113.9", "198.51.100.77, 203.0.113.9"] {
        assert!(too_many(&sign_up(&server, from, 10).await), "{from}");
    }
    assert_eq!(sign_up(&server, "203.0.113.10", 10).await.status, 201);
}

#[tokio::test]
async fn clients_on_this_machine_are_not_counted_and_nobody_is_where_limits_are_off() {
    let local = Server::start().await;
    for number in 0..25 {
        // No proxy is trusted here: the header is not looked at.
        assert_eq!(sign_up(&local, "203.0.113.9", number).await.status, 201);
    }
    let off = Server::with(&[("trusted_proxies", "127.0.0.0/8"), ("rate_limits", "off")]).await;
    for number in 0..25 {
        assert_eq!(sign_up(&off, "203.0.113.9", number).await.status, 201);
        assert_eq!(sign_in(&off, "203.0.113.9", "a@example.com", "wrong-password").await.status, 401);
    }
}

#[tokio::test]
async fn wrong_passwords_for_an_account_make_the_next_try_wait_longer_and_longer() {
    let mut server = behind_a_proxy().await;
    let ann = server.person("Ann").await;
    let stranger = "203.0.113.9";
    let spellings =
        ["ann@example.com", "ANN@example.com", " ann@EXAMPLE.com ", "Ann@Example.Com", "aNN@example.com"];
    for email in spellings {
        assert_eq!(sign_in(&server, stranger, email, "wrong-password").await.status, 401, "{email}");
    }
    let held = sign_in(&server, stranger, "ann@example.com", PASSWORD).await;
    assert!(too_many(&held), "even with the right password: {}", held.body);
    assert_eq!(held.retry_after(), 1);
    // The owner at home is not held up.
    assert_eq!(sign_in(&server, "192.0.2.1", &ann.email, PASSWORD).await.status, 200);
    for wait in [1, 2, 4, 8] {
        server.advance(Duration::from_secs(wait));
        assert_eq!(sign_in(&server, stranger, &ann.email, "wrong-password").await.status, 401);
        let held = sign_in(&server, stranger, &ann.email, PASSWORD).await;
        assert!(held.retry_after() > wait, "{wait}: {}", held.retry_after());
    }
    server.restart(Duration::from_secs(5)).await;
    assert!(too_many(&sign_in(&server, stranger, &ann.email, PASSWORD).await), "a restart grants nothing");
    server.advance(Duration::from_secs(16));
    assert_eq!(sign_in(&server, stranger, &ann.email, PASSWORD).await.status, 200);
    for _ in 0..5 {
        assert_eq!(sign_in(&server, stranger, &ann.email, "wrong-password").await.status, 401);
    }
}

#[tokio::test]
async fn an_unknown_address_is_held_up_exactly_like_a_known_one() {
    let server = behind_a_proxy().await;
    let ann = server.person("Ann").await;
    for _ in 0..7 {
        let known = sign_in(&server, "203.0.113.9", &ann.email, "wrong-password").await;
        let unknown = sign_in(&server, "203.0.113.9", "nobody@example.com", "wrong-password").await;
        assert_eq!(known.status, unknown.status);
        assert_eq!(known.header("retry-after"), unknown.header("retry-after"));
        assert_eq!(known.body["detail"], unknown.body["detail"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_guesses_at_once_no_more_are_heard_than_of_guesses_in_a_row() {
    let server = behind_a_proxy().await;
    let ann = server.person("Ann").await;
    let guesses = (0..40).map(|number| {
        let (server, email) = (&server, ann.email.clone());
        async move { sign_in(server, "203.0.113.9", &email, &format!("wrong-password-{number}")).await.status }
    });
    let heard = futures_util::future::join_all(guesses).await;
    assert_eq!(heard.iter().filter(|status| **status == 401).count(), 5, "{heard:?}");
    assert_eq!(heard.iter().filter(|status| **status == 429).count(), 35);
}

#[tokio::test]
async fn a_right_code_ends_the_row_of_wrong_ones() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    for number in 0..6 {
        let address = format!("ops{number}@example.org");
        server.add_channel(&ann, &of(&ann), "email", &address).await;
        let code = server.code_for(&address, 1).await;
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for _ in 0..4 {
            assert_eq!(server.verify(&ann, &of(&ann), number + 1, wrong).await.status, 422);
        }
        assert_eq!(server.verify(&ann, &of(&ann), number + 1, &code).await.status, 200);
    }
}

#[tokio::test]
async fn a_mail_that_is_not_sent_voids_no_code() {
    let server = Server::start().await;
    let account = json!({"name": "Ann", "surname": "Lee", "email": "ann@example.com", "password": PASSWORD});
    let mut code = String::new();
    for round in 1..=5 {
        server.post("/v1/account").json(&account).expect(201).await;
        // Each mail is waited for: of mails on their way at once, the last to come may be an older one.
        code = server.code_for("ann@example.com", round).await;
    }
    server.advance(Duration::from_secs(61));
    server.post("/v1/account/confirmation-code").json(&json!({"email": "ann@example.com"})).expect(200).await;
    let proof = json!({"email": "ann@example.com", "confirmation_code": code});
    server.patch("/v1/account").json(&proof).expect(200).await;
}

#[tokio::test]
async fn numbers_of_other_countries_get_nothing_where_countries_are_named() {
    let mut server = Server::with(&[("phone_countries", "AZ, de")]).await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let path = format!("{}/notification-channel", of(&ann));
    for (kind, number, status) in [
        ("sms", "+994551234567", 201),
        ("phone", "+4915123456789", 201),
        ("sms", "+12025550123", 422),
        ("phone", "+12025550123", 422),
    ] {
        let body = json!({"type": kind, "value": number});
        let answer = server.post(&path).token(&ann.token).json(&body).expect(status).await;
        if status == 422 {
            assert_eq!(answer.body["errors"][0]["code"], "phone_country_refused", "{}", answer.body);
            assert_eq!(answer.faulty_fields(), ["value"]);
        }
    }
    let code =
        server.sms.wait_for_one(|sms| sms.to == "+994551234567" && !sms.code().is_empty()).await.code();
    assert_eq!(server.verify(&ann, &of(&ann), 1, &code).await.status, 200);
    let moved = json!({"priority": 1, "value": "+12025550123"});
    server.put(&path).token(&ann.token).json(&moved).faulty(&["value"]).await;
    server.inviting(&ann, &team, "sms", "+12025550123").faulty(&["channel_value"]).await;
    server.inviting(&ann, &team, "sms", "+994551234567").expect(201).await;
    // Whoever is there already hears nothing more once the country is not named any more.
    server.set("phone_countries", "DE");
    server.restart(Duration::from_secs(5)).await;
    let sent = server.sms.requests().len();
    let test = server.post(&format!("{path}/test")).token(&ann.token).json(&json!({"priority": 1}));
    let tested = test.expect(200).await;
    assert_eq!(tested.body["delivery"]["status"], "failed", "{}", tested.body);
    assert_eq!(server.sms.requests().len(), sent);
}
