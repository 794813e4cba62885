//! Codes for a forgotten password: how often, how long, how many tries, and for whom.

use std::time::Duration;

use serde_json::json;

use crate::support::{PASSWORD, Server};

const NEW: &str = "another-meadow-12";

impl Server {
    fn recovery_mails(&self) -> usize {
        self.smtp.count(|mail| mail.subject().contains("new Rollcall password"))
    }
}

fn wrong(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

#[tokio::test]
async fn five_wrong_codes_end_a_recovery_until_the_next_code() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.forgot(&ann.email).await;
    let code = server.recovery(&ann, 1).await;
    for _ in 0..5 {
        server.reset(&ann.email, wrong(&code), NEW).refused(422, "code_invalid").await;
    }
    let exhausted = server.reset(&ann.email, &code, NEW).refused(429, "attempts_exhausted").await;
    assert!((1..=60).contains(&exhausted.retry_after()), "{}", exhausted.retry_after());
    // Nothing has changed, and nobody was signed out.
    server.get("/v1/customer").token(&ann.token).expect(200).await;
    server.advance(Duration::from_secs(61));
    server.forgot(&ann.email).await;
    let fresh = server.recovery(&ann, 2).await;
    server.reset("ANN@example.com", &fresh, NEW).expect(200).await;
    server.reset(&ann.email, &fresh, NEW).refused(422, "code_invalid").await;
    server.sign_in(&ann.email, NEW).await;
}

#[tokio::test]
async fn a_recovery_code_lives_for_ten_minutes_and_the_next_one_voids_it() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.forgot(&ann.email).await;
    let first = server.recovery(&ann, 1).await;
    // Within the minute nothing is sent, and the answer does not say so.
    server.forgot(&ann.email).await;
    server.advance(Duration::from_secs(60));
    server.forgot(&ann.email).await;
    let second = server.recovery(&ann, 2).await;
    assert_eq!(server.recovery_mails(), 2);
    if first != second {
        server.reset(&ann.email, &first, NEW).refused(422, "code_invalid").await;
    }
    server.advance(Duration::from_secs(10 * 60));
    server.reset(&ann.email, &second, NEW).refused(422, "code_expired").await;
    server.sign_in(&ann.email, PASSWORD).await;
}

#[tokio::test]
async fn who_asks_again_and_again_for_somebody_leaves_nothing_in_their_log_but_what_was_sent() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let ask = || {
        let email = json!({"email": ann.email});
        server.post("/v1/account/password").header("x-request-id", "same").json(&email).expect(200)
    };
    let sent = ask().await;
    for _ in 0..20 {
        let unsent = ask().await;
        assert_eq!(unsent.bytes, sent.bytes, "{}", unsent.body);
        let headers = [&sent, &unsent].map(|answer| {
            answer
                .headers
                .iter()
                .filter(|(name, _)| *name != "date")
                .map(|(name, _)| name.as_str())
                .collect::<Vec<_>>()
        });
        assert_eq!(headers[0], headers[1]);
    }
    server.recovery(&ann, 1).await;
    assert_eq!(server.recovery_mails(), 1);
    let log = server.get("/v1/org/audit-log").token(&ann.token).expect(200).await;
    let asked = log.data().iter().filter(|entry| entry["action"] == "password.reset_requested").count();
    assert_eq!(asked, 1, "{}", log.body);
}

#[tokio::test]
async fn a_code_for_an_address_without_an_account_is_wrong_like_any_other() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.forgot(&ann.email).await;
    let code = server.recovery(&ann, 1).await;
    let known = server.reset(&ann.email, wrong(&code), NEW).refused(422, "code_invalid").await;
    let unknown = server.reset("nobody@example.com", &code, NEW).refused(422, "code_invalid").await;
    assert_eq!((known.text("/title"), known.status), (unknown.text("/title"), unknown.status));
    // A code for one address proves no other, and a code for a password confirms no account.
    let bea = server.person("Bea").await;
    server.reset(&bea.email, &code, NEW).refused(422, "code_invalid").await;
    for email in [&ann.email, "nobody@example.com"] {
        let confirmation = json!({"email": email, "confirmation_code": code});
        server.patch("/v1/account").json(&confirmation).refused(422, "code_invalid").await;
    }
    // An unconfirmed sign-up is no account: no code goes out for its password.
    let account = json!({"name": "Cy", "surname": "T", "email": "cy@example.com", "password": PASSWORD});
    server.post("/v1/account").json(&account).expect(201).await;
    server.code_for("cy@example.com", 1).await;
    server.forgot("cy@example.com").await;
    server.forgot(&bea.email).await;
    server.recovery(&bea, 1).await;
    assert_eq!(server.recovery_mails(), 2);
}

#[tokio::test]
async fn a_password_is_counted_in_code_points_after_nfc_and_found_in_either_form() {
    let server = Server::start().await;
    let sign_up = |email: &str, password: &str| {
        let body = json!({"name": "Zoe", "surname": "Tester", "email": email, "password": password});
        server.post("/v1/account").json(&body)
    };
    for (password, code) in [
        ("qzjwkvxmb", "too_short"),
        ("e\u{301}qzjwkvxm", "too_short"),
        (&"qz7 ".repeat(33)[..129], "too_long"),
    ] {
        let refused = sign_up("zoe@example.com", password).faulty(&["password"]).await;
        assert_eq!(refused.text("/errors/0/code"), code, "{password}");
    }
    let (composed, decomposed) = ("caf\u{e9}-violet-71", "cafe\u{301}-violet-71");
    sign_up("zoe@example.com", decomposed).expect(201).await;
    let code = server.code_for("zoe@example.com", 1).await;
    let confirmation = json!({"email": "zoe@example.com", "confirmation_code": code});
    server.patch("/v1/account").json(&confirmation).expect(200).await;
    server.sign_in("zoe@example.com", composed).await;
    server.sign_in("zoe@example.com", decomposed).await;
}
