//! What one client may try: at the limit, beyond it, after its window, after a restart, from beside and under other names.

use std::time::Duration;

use serde_json::json;

use crate::support::{Answer, PASSWORD, Request, Server};

const HOUR: Duration = Duration::from_secs(3_601);

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

async fn wrong_code(server: &Server, from: &str, number: usize) -> Answer {
    let guess = json!({"email": format!("b{number}@example.com"), "confirmation_code": "000000"});
    server.patch("/v1/account").from(from).json(&guess).send().await
}

/// Refused as too much, with how long to wait.
fn too_many(answer: &Answer) -> bool {
    answer.status == 429 && answer.body["code"] == "rate_limited" && answer.retry_after() > 0
}

#[tokio::test]
async fn ten_sign_ups_an_hour_from_one_network_however_it_writes_its_address() {
    let mut server = behind_a_proxy().await;
    for number in 0..10 {
        let address = format!("2001:db8:7:7::{number:x}");
        assert_eq!(sign_up(&server, &address, number).await.status, 201);
    }
    // From beside within the /64, behind made-up hops, from the very address: the same subscriber.
    for from in ["2001:db8:7:7:ffff::9", "198.51.100.1, 2001:db8:7:7::1", "not an address, 2001:db8:7:7::1"] {
        assert!(too_many(&sign_up(&server, from, 10).await), "{from}");
    }
    assert_eq!(sign_up(&server, "2001:db8:7:8::1", 11).await.status, 201);
    server.restart(Duration::from_secs(5)).await;
    assert!(too_many(&sign_up(&server, "2001:db8:7:7::1", 10).await), "a restart grants nothing");
    server.advance(HOUR);
    assert_eq!(sign_up(&server, "2001:db8:7:7::1", 10).await.status, 201);
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
async fn sixty_refused_sign_ins_an_hour_from_one_network_whomever_they_are_for() {
    let server = behind_a_proxy().await;
    let ann = server.person("Ann").await;
    for number in 0..60 {
        let email = format!("c{number}@example.com");
        assert_eq!(sign_in(&server, "203.0.113.9", &email, "wrong-password").await.status, 401);
    }
    assert!(too_many(&sign_in(&server, "203.0.113.9", &ann.email, PASSWORD).await));
    assert_eq!(sign_in(&server, "203.0.113.8", &ann.email, PASSWORD).await.status, 200);
    server.advance(HOUR);
    assert_eq!(sign_in(&server, "203.0.113.9", &ann.email, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn thirty_wrong_codes_an_hour_from_one_network_whomever_they_are_for() {
    let mut server = behind_a_proxy().await;
    let account = json!({"name": "Ann", "surname": "Lee", "email": "b40@example.com", "password": PASSWORD});
    server.post("/v1/account").json(&account).expect(201).await;
    for number in 0..30 {
        let answer = wrong_code(&server, "2001:db8:1:1::5", number).await;
        assert_eq!((answer.status.as_u16(), &answer.body["code"]), (422, &"code_invalid".into()));
    }
    for number in [1, 40] {
        assert!(too_many(&wrong_code(&server, "2001:db8:1:1::6", number).await), "{number}");
    }
    let reset = json!({"email": "b1@example.com", "code": "000000", "password": PASSWORD});
    assert!(too_many(
        &server.patch("/v1/account/password").from("2001:db8:1:1::5").json(&reset).send().await
    ));
    assert_eq!(wrong_code(&server, "2001:db8:1:2::5", 40).await.status, 422);
    server.restart(Duration::from_secs(5)).await;
    assert!(too_many(&wrong_code(&server, "2001:db8:1:1::5", 1).await), "a restart grants nothing");
    server.advance(HOUR);
    assert_eq!(wrong_code(&server, "2001:db8:1:1::5", 1).await.status, 422);
}
