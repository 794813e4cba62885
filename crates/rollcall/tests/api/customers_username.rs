//! A new username: asked for, proved, cancelled, and what a stranger's address gives away.

use std::time::Duration;

use notify_fakes::Mail;
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, Person, Server};

const NEW: &str = "Anna@new.example";

impl Server {
    async fn ask_for_username(&self, by: &Person, email: &str) -> Answer {
        self.put("/v1/customer/username").token(&by.token).json(&json!({"email": email})).expect(200).await
    }

    fn confirm_username(&self, by: &Person, code: &str) -> crate::support::Request<'_> {
        self.patch("/v1/customer/username").token(&by.token).json(&json!({"code": code}))
    }

    async fn own(&self, by: &Person) -> Value {
        self.get("/v1/customer").token(&by.token).expect(200).await.body
    }
}

fn to(address: &str) -> impl Fn(&Mail) -> bool {
    move |mail| mail.to.iter().any(|to| to == address)
}

fn wrong(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

#[tokio::test]
async fn a_new_username_is_proved_by_code_and_the_old_address_hears_of_it() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let other = server.sign_in(&ann.email, PASSWORD).await;
    let asked = server.ask_for_username(&ann, &format!("  {NEW} ")).await;
    assert!(asked.text("/message").contains(NEW));
    assert_eq!(asked.body["verification"]["required"], true);
    assert!(asked.text("/verification/expires_at").starts_with("2026-11-24T09:10:00"));
    let pending = server.own(&ann).await;
    assert_eq!((&pending["email"], &pending["pending_email"]), (&json!(ann.email), &json!(NEW)));

    let notice = server.smtp.wait_for(|mail| mail.subject().contains("A new address")).await;
    assert_eq!(notice.to, std::slice::from_ref(&ann.email));
    let text = notice.text.expect("a text");
    assert!(text.contains(NEW) && text.contains("24 November 2026") && text.contains("change your password"));
    assert_eq!(server.smtp.wait_for(to(NEW)).await.subject(), "Confirm your new Rollcall address");
    let code = server.code_for(NEW, 1).await;
    server.sign_in(&ann.email, PASSWORD).await;
    let sign_in = json!({"email": NEW, "password": PASSWORD});
    server.post("/v1/auth").json(&sign_in).refused(401, "credentials_invalid").await;

    let changed = server.confirm_username(&ann, &code).expect(200).await;
    assert!(changed.text("/message").contains(NEW));
    assert_eq!(changed.body["customer"], server.own(&ann).await);
    assert_eq!(
        (changed.text("/customer/email"), &changed.body["customer"]["pending_email"]),
        (NEW.into(), &json!(null))
    );
    server.get("/v1/customer").token(&other.token).refused(401, "token_invalid").await;
    let old = json!({"email": ann.email, "password": PASSWORD});
    server.post("/v1/auth").json(&old).refused(401, "credentials_invalid").await;
    server.sign_in("anna@new.example", PASSWORD).await;
    let notice = server.smtp.wait_for(|mail| mail.subject().contains("address was changed")).await;
    assert_eq!(notice.to, std::slice::from_ref(&ann.email));
    server.confirm_username(&ann, &code).refused(409, "nothing_pending").await;
}

#[tokio::test]
async fn codes_for_a_forgotten_password_that_went_to_the_old_address_are_void() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.post("/v1/account/password").json(&json!({"email": ann.email})).expect(200).await;
    let mail = server.smtp.wait_for(|mail| mail.subject().contains("new Rollcall password")).await;
    let recovery = mail.code().expect("a code");
    server.ask_for_username(&ann, NEW).await;
    let code = server.code_for(NEW, 1).await;
    server.confirm_username(&ann, &code).expect(200).await;
    for email in [NEW, &ann.email] {
        let reset = json!({"email": email, "code": recovery, "password": "another-meadow-12"});
        server.patch("/v1/account/password").json(&reset).refused(422, "code_invalid").await;
    }
}

#[tokio::test]
async fn a_new_request_replaces_the_one_before_and_sends_at_once() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.ask_for_username(&ann, "first@new.example").await;
    let first = server.code_for("first@new.example", 1).await;
    server.ask_for_username(&ann, "second@new.example").await;
    let second = server.code_for("second@new.example", 1).await;
    server.confirm_username(&ann, &first).refused(422, "code_invalid").await;
    server.ask_for_username(&ann, "second@new.example").await;
    let third = server.code_for("second@new.example", 2).await;
    if second != third {
        server.confirm_username(&ann, &second).refused(422, "code_invalid").await;
    }
    let changed = server.confirm_username(&ann, &third).expect(200).await;
    assert_eq!(changed.text("/customer/email"), "second@new.example");
}

#[tokio::test]
async fn a_waiting_username_is_cancelled_with_its_code() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let cancel = || server.delete("/v1/customer/username").token(&ann.token);
    cancel().refused(409, "nothing_pending").await;
    server.confirm_username(&ann, "123456").refused(409, "nothing_pending").await;
    server.ask_for_username(&ann, NEW).await;
    let code = server.code_for(NEW, 1).await;
    let cancelled = cancel().expect(200).await;
    assert_eq!(cancelled.text("/message"), "ann@example.com stays your username.");
    assert_eq!(server.own(&ann).await["pending_email"], json!(null));
    server.confirm_username(&ann, &code).refused(409, "nothing_pending").await;
    // Asked for again, the old code stays void.
    server.ask_for_username(&ann, NEW).await;
    let fresh = server.code_for(NEW, 2).await;
    if fresh != code {
        server.confirm_username(&ann, &code).refused(422, "code_invalid").await;
    }
    server.confirm_username(&ann, &fresh).expect(200).await;
}

#[tokio::test]
async fn the_address_that_one_has_needs_no_code_and_cancels_what_waits() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.ask_for_username(&ann, NEW).await;
    server.code_for(NEW, 1).await;
    let kept = server.ask_for_username(&ann, &ann.email).await;
    assert_eq!(kept.body["verification"], json!({"required": false, "expires_at": null}));
    assert_eq!(server.own(&ann).await["pending_email"], json!(null));
    // Another spelling of it is proved like any address.
    server.ask_for_username(&ann, "Ann@example.com").await;
    let code = server.code_for("Ann@example.com", 1).await;
    let changed = server.confirm_username(&ann, &code).expect(200).await;
    assert_eq!(changed.text("/customer/email"), "Ann@example.com");
}

#[tokio::test]
async fn an_address_in_use_looks_the_same_and_its_owner_gets_a_notice() {
    let server = Server::start().await;
    let (ann, bea) = (server.person("Ann").await, server.person("Bea").await);
    let free = server.ask_for_username(&ann, "free@example.com").await;
    let code = server.code_for("free@example.com", 1).await;
    let wrong_free = server.confirm_username(&ann, wrong(&code)).refused(422, "code_invalid").await;
    let used = server.ask_for_username(&ann, "BEA@example.com").await;
    assert_eq!(used.text("/message").replace("BEA@example.com", "free@example.com"), free.text("/message"));
    assert_eq!(used.body["verification"]["required"], true);
    assert_eq!(server.own(&ann).await["pending_email"], "BEA@example.com");
    let notice =
        server.smtp.wait_for(|mail| mail.subject().contains("asked for your Rollcall address")).await;
    assert_eq!((&notice.to, notice.code()), (&vec![bea.email.clone()], None));
    // Guesses are counted and refused in the same words.
    let guess = server.confirm_username(&ann, "123456").refused(422, "code_invalid").await;
    assert_eq!(guess.text("/detail"), wrong_free.text("/detail"));
    for _ in 0..4 {
        server.confirm_username(&ann, "123456").refused(422, "code_invalid").await;
    }
    server.confirm_username(&ann, "123456").refused(429, "attempts_exhausted").await;
    server.advance(Duration::from_secs(10 * 60));
    server.ask_for_username(&ann, &bea.email).await;
    server.advance(Duration::from_secs(10 * 60));
    server.confirm_username(&ann, "123456").refused(422, "code_expired").await;
    server.sign_in(&bea.email, PASSWORD).await;
}

#[tokio::test]
async fn of_two_who_want_one_address_the_first_to_prove_it_has_it() {
    let server = Server::start().await;
    let (ann, bea) = (server.person("Ann").await, server.person("Bea").await);
    server.ask_for_username(&ann, NEW).await;
    server.ask_for_username(&bea, NEW).await;
    let mut codes = [server.code_for(NEW, 1).await, server.code_for(NEW, 2).await];
    if server.confirm_username(&ann, &codes[0]).send().await.status != 200 {
        codes.swap(0, 1);
        server.confirm_username(&ann, &codes[0]).expect(200).await;
    }
    server.confirm_username(&bea, &codes[1]).refused(422, "code_invalid").await;
    assert_eq!(server.own(&bea).await["email"], bea.email);
    assert_eq!(server.own(&ann).await["email"], NEW);
    // Somebody who signs up with an address that is proved meanwhile gets nothing by the code either.
    let account = json!({"name": "Cy", "surname": "Late", "email": "cy@example.com", "password": PASSWORD});
    server.post("/v1/account").json(&account).expect(201).await;
    let late = server.code_for("cy@example.com", 1).await;
    server.ask_for_username(&bea, "cy@example.com").await;
    let code = server.code_for("cy@example.com", 2).await;
    server.confirm_username(&bea, &code).expect(200).await;
    let confirmation = json!({"email": "cy@example.com", "confirmation_code": late});
    server.patch("/v1/account").json(&confirmation).refused(422, "code_invalid").await;
}

#[tokio::test]
async fn five_wrong_codes_end_a_username_code_and_ten_minutes_do_too() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.ask_for_username(&ann, NEW).await;
    let code = server.code_for(NEW, 1).await;
    for _ in 0..5 {
        server.confirm_username(&ann, wrong(&code)).refused(422, "code_invalid").await;
    }
    let exhausted = server.confirm_username(&ann, &code).refused(429, "attempts_exhausted").await;
    assert!(exhausted.retry_after() <= 60);
    server.ask_for_username(&ann, NEW).await;
    let code = server.code_for(NEW, 2).await;
    server.advance(Duration::from_secs(10 * 60));
    server.confirm_username(&ann, &code).refused(422, "code_expired").await;
    assert_eq!(server.own(&ann).await["email"], ann.email);
    let log = server.get("/v1/org/audit-log?limit=2").token(&ann.token).expect(200).await;
    assert_eq!(log.text("/data/0/action"), "username.code_refused");
}

#[tokio::test]
async fn who_asks_for_many_addresses_is_held_back() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    for number in 0..10 {
        server.ask_for_username(&ann, &format!("a{number}@new.example")).await;
    }
    let ask = || server.put("/v1/customer/username").token(&ann.token).json(&json!({"email": NEW}));
    let refused = ask().refused(429, "rate_limited").await;
    server.advance(Duration::from_secs(refused.retry_after() + 1));
    ask().expect(200).await;
}

#[tokio::test]
async fn malformed_addresses_and_codes_are_refused() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    for email in [json!("ann"), json!("a@localhost"), json!(null), json!(7)] {
        let body = json!({"email": email});
        server.put("/v1/customer/username").token(&ann.token).json(&body).faulty(&["email"]).await;
    }
    server.confirm_username(&ann, "12345").faulty(&["code"]).await;
    for request in [
        server.put("/v1/customer/username").json(&json!({"email": NEW})),
        server.patch("/v1/customer/username").json(&json!({"code": "123456"})),
        server.delete("/v1/customer/username"),
    ] {
        request.refused(401, "token_missing").await;
    }
}

#[tokio::test]
async fn of_two_who_prove_one_address_at_once_one_has_it() {
    let server = Server::start().await;
    let (ann, bea) = (server.person("Ann").await, server.person("Bea").await);
    let mut owners = [ann.email.clone(), bea.email.clone()];
    for round in 0..4 {
        let address = format!("wanted{round}@new.example");
        server.ask_for_username(&ann, &address).await;
        let first = server.code_for(&address, 1).await;
        server.ask_for_username(&bea, &address).await;
        let second = server.code_for(&address, 2).await;
        let answers = futures_util::future::join(
            server.confirm_username(&ann, &first).send(),
            server.confirm_username(&bea, &second).send(),
        )
        .await;
        let statuses = [answers.0.status.as_u16(), answers.1.status.as_u16()];
        let winner = statuses.iter().position(|status| *status == 200).expect("one has it");
        assert_eq!(statuses[1 - winner], 422, "{statuses:?}");
        owners[winner] = address;
        let now = [server.own(&ann).await["email"].clone(), server.own(&bea).await["email"].clone()];
        assert_eq!(now, owners.clone().map(Value::from));
    }
}

#[tokio::test]
async fn of_forty_guesses_at_once_five_count() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.ask_for_username(&ann, NEW).await;
    let code = server.code_for(NEW, 1).await;
    let guesses = (0..40).map(|_| server.confirm_username(&ann, wrong(&code)).send());
    let answers = futures_util::future::join_all(guesses).await;
    let with = |status: u16| answers.iter().filter(|answer| answer.status.as_u16() == status).count();
    assert_eq!((with(422), with(429)), (5, 35));
    server.confirm_username(&ann, &code).refused(429, "attempts_exhausted").await;
}

#[tokio::test]
async fn a_request_that_is_repeated_under_its_key_sends_no_second_code() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let ask = || {
        let request = server.put("/v1/customer/username").token(&ann.token).json(&json!({"email": NEW}));
        request.header("idempotency-key", "k").expect(200)
    };
    let first = ask().await;
    let code = server.code_for(NEW, 1).await;
    let again = ask().await;
    assert_eq!((again.header("idempotency-replayed"), &again.bytes), ("true", &first.bytes));
    server.confirm_username(&ann, &code).expect(200).await;
    server.smtp.wait_for(|mail| mail.subject().contains("address was changed")).await;
    assert_eq!(server.smtp.count(to(NEW)), 1);
}
