//! Accounts: signing up, confirming, codes again, a forgotten password.

use std::time::Duration;

use serde_json::json;

use crate::support::{PASSWORD, Server};

fn account(email: &str) -> serde_json::Value {
    json!({"name": "Ann", "surname": "Archer", "email": email, "password": PASSWORD})
}

#[tokio::test]
async fn a_person_signs_up_confirms_by_mail_and_becomes_root_of_an_organization() {
    let server = Server::start().await;
    let answer = server.post("/v1/account").json(&account("ann@example.com")).expect(201).await;
    assert!(answer.text("/message").contains("six-digit code"));
    let mail = server.smtp.wait_for(|mail| mail.to.contains(&"ann@example.com".to_owned())).await;
    assert_eq!(mail.subject(), "Your Rollcall confirmation code");
    let code = mail.code().expect("a code");
    let refused = server.post("/v1/auth").json(&json!({"email": "ann@example.com", "password": PASSWORD}));
    refused.refused(403, "account_unconfirmed").await;
    let confirmation = json!({"email": "ANN@example.com", "confirmation_code": code});
    server.patch("/v1/account").json(&confirmation).expect(200).await;
    let signed_in = server.post("/v1/auth").json(&json!({"email": "Ann@Example.com", "password": PASSWORD}));
    let signed_in = signed_in.expect(200).await;
    assert_eq!(signed_in.text("/customer/role"), "root");
    assert_eq!(signed_in.text("/token_type"), "Bearer");
    assert_eq!(signed_in.body["expires_in"], 3600);
    let token = signed_in.text("/access_token");
    let own = server.get("/v1/customer").token(&token).expect(200).await;
    assert_eq!(own.text("/organization/name"), "Ann Archer");
    let channels = format!("/v1/customer/{}/notification-channels", own.text("/customer_id"));
    assert_eq!(server.get(&channels).token(&token).expect(200).await.data().len(), 0);
}

#[tokio::test]
async fn every_faulty_field_of_a_sign_up_is_named_at_once() {
    let server = Server::start().await;
    let body = json!({"name": " ", "email": "ann", "password": "short", "nickname": "Annie"});
    let answer = server
        .post("/v1/account")
        .json(&body)
        .faulty(&["name", "surname", "email", "password", "nickname"])
        .await;
    let codes: Vec<_> =
        answer.body["errors"].as_array().expect("errors").iter().map(|e| e["code"].clone()).collect();
    for code in ["required", "too_short", "email_invalid", "field_unknown"] {
        assert!(codes.contains(&json!(code)), "{code} in {codes:?}");
    }
}

#[tokio::test]
async fn a_password_that_is_common_or_made_of_the_persons_name_is_refused() {
    let server = Server::start().await;
    for password in ["1234567890", "ann-archer-77", "ann@example.com"] {
        let mut body = account("ann@example.com");
        body["password"] = json!(password);
        let answer = server.post("/v1/account").json(&body).faulty(&["password"]).await;
        assert_eq!(answer.text("/errors/0/code"), "password_too_common", "{password}");
    }
    // Said together with what is wrong with the other fields, as far as they can be read.
    let mut body = account("ann");
    body["password"] = json!("ann-archer-77");
    server.post("/v1/account").json(&body).faulty(&["email", "password"]).await;
}

#[tokio::test]
async fn an_address_with_an_account_gets_the_same_answer_and_its_owner_a_mail() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let known = server.post("/v1/account").json(&account(&ann.email)).expect(201).await;
    let unknown = server.post("/v1/account").json(&account("bea@example.com")).expect(201).await;
    assert_eq!(known.bytes, unknown.bytes);
    let mail = server.smtp.wait_for(|mail| mail.subject().contains("account already")).await;
    assert_eq!(mail.to, std::slice::from_ref(&ann.email));
    server.sign_in(&ann.email, PASSWORD).await;
}

#[tokio::test]
async fn a_later_sign_up_replaces_name_password_and_code() {
    let server = Server::start().await;
    server.post("/v1/account").json(&account("ann@example.com")).expect(201).await;
    let first = server.code_for("ann@example.com", 1).await;
    let mut again = account("ann@example.com");
    again["password"] = json!("another-meadow-12");
    server.post("/v1/account").json(&again).expect(201).await;
    let second = server.code_for("ann@example.com", 2).await;
    let confirm = |code: &str| {
        server.patch("/v1/account").json(&json!({"email": "ann@example.com", "confirmation_code": code}))
    };
    if first != second {
        confirm(&first).refused(422, "code_invalid").await;
    }
    confirm(&second).expect(200).await;
    server.sign_in("ann@example.com", "another-meadow-12").await;
}

#[tokio::test]
async fn five_wrong_codes_are_refused_and_the_sixth_try_waits_for_a_new_code() {
    let server = Server::start().await;
    server.post("/v1/account").json(&account("ann@example.com")).expect(201).await;
    let code = server.code_for("ann@example.com", 1).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let confirm = |code: &str| {
        server.patch("/v1/account").json(&json!({"email": "ann@example.com", "confirmation_code": code}))
    };
    for _ in 0..5 {
        confirm(wrong).refused(422, "code_invalid").await;
    }
    let exhausted = confirm(&code).refused(429, "attempts_exhausted").await;
    assert!(exhausted.retry_after() <= 60);
    server.advance(Duration::from_secs(61));
    server.post("/v1/account/confirmation-code").json(&json!({"email": "ann@example.com"})).expect(200).await;
    let fresh = server.code_for("ann@example.com", 2).await;
    confirm(&fresh).expect(200).await;
    confirm(&fresh).refused(422, "code_invalid").await;
}

#[tokio::test]
async fn asking_for_new_codes_does_not_renew_the_days_twenty_wrong_tries() {
    let server = Server::start().await;
    server.post("/v1/account").json(&account("ann@example.com")).expect(201).await;
    let confirm = |code: &str| {
        server.patch("/v1/account").json(&json!({"email": "ann@example.com", "confirmation_code": code}))
    };
    for round in 1..=4 {
        let code = server.code_for("ann@example.com", round).await;
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for _ in 0..5 {
            confirm(wrong).refused(422, "code_invalid").await;
        }
        // Past the minute between codes and the ten minutes that bound how many mails go out.
        server.advance(Duration::from_secs(11 * 60));
        server
            .post("/v1/account/confirmation-code")
            .json(&json!({"email": "ann@example.com"}))
            .expect(200)
            .await;
    }
    let code = server.code_for("ann@example.com", 5).await;
    let exhausted = confirm(&code).refused(429, "attempts_exhausted").await;
    assert!(exhausted.retry_after() > 20 * 60 * 60);
}

#[tokio::test]
async fn a_code_ends_after_ten_minutes_and_a_sign_up_after_a_day() {
    let server = Server::start().await;
    server.post("/v1/account").json(&account("ann@example.com")).expect(201).await;
    let code = server.code_for("ann@example.com", 1).await;
    let confirm = |code: &str| {
        server.patch("/v1/account").json(&json!({"email": "ann@example.com", "confirmation_code": code}))
    };
    server.advance(Duration::from_secs(10 * 60));
    confirm(&code).refused(422, "code_expired").await;
    server.advance(Duration::from_secs(24 * 60 * 60));
    server.post("/v1/account/confirmation-code").json(&json!({"email": "ann@example.com"})).expect(200).await;
    confirm(&code).refused(422, "code_invalid").await;
    assert_eq!(server.smtp.messages().len(), 1);
    // Nobody can tell any more that there was one, not even with the right password.
    let sign_in = json!({"email": "ann@example.com", "password": PASSWORD});
    server.post("/v1/auth").json(&sign_in).refused(401, "credentials_invalid").await;
}

#[tokio::test]
async fn asking_for_a_code_again_says_the_same_to_everybody_and_sends_once_a_minute() {
    let server = Server::start().await;
    server.post("/v1/account").json(&account("ann@example.com")).expect(201).await;
    server.code_for("ann@example.com", 1).await;
    let resend = |email: &str| server.post("/v1/account/confirmation-code").json(&json!({"email": email}));
    let soon = resend("ann@example.com").expect(200).await;
    let unknown = resend("nobody@example.com").expect(200).await;
    assert_eq!(soon.bytes, unknown.bytes);
    server.advance(Duration::from_secs(61));
    resend("ann@example.com").expect(200).await;
    server.code_for("ann@example.com", 2).await;
    assert_eq!(server.smtp.messages().len(), 2);
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_code_and_ends_every_session() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let forgot = |email: &str| server.post("/v1/account/password").json(&json!({"email": email}));
    let known = forgot(&ann.email).expect(200).await;
    let unknown = forgot("nobody@example.com").expect(200).await;
    assert_eq!(known.bytes, unknown.bytes);
    let mail = server.smtp.wait_for(|mail| mail.subject().contains("new Rollcall password")).await;
    let code = mail.code().expect("a code");
    let reset = |code: &str, password: &str| {
        server
            .patch("/v1/account/password")
            .json(&json!({"email": ann.email, "code": code, "password": password}))
    };
    let wrong = if code == "000000" { "000001" } else { "000000" };
    reset(wrong, "another-meadow-12").refused(422, "code_invalid").await;
    reset(&code, "ann-example-12").faulty(&["password"]).await;
    reset(&code, "another-meadow-12").expect(200).await;
    reset(&code, "another-meadow-13").refused(422, "code_invalid").await;
    server.get("/v1/teams").token(&ann.token).refused(401, "token_invalid").await;
    server.sign_in(&ann.email, "another-meadow-12").await;
    server.smtp.wait_for(|mail| mail.subject().contains("password was changed")).await;
}

#[tokio::test]
async fn sign_up_by_invitation_only_lets_just_the_first_customer_in() {
    let server = Server::with(&[("signup", "invited")]).await;
    server.person("Ann").await;
    server.post("/v1/account").json(&account("bea@example.com")).refused(403, "signup_closed").await;
}

#[tokio::test]
async fn of_those_who_signed_up_before_anybody_was_there_the_first_to_confirm_is_let_in() {
    let server = Server::with(&[("signup", "invited")]).await;
    let confirm = |email: &str, code: &str| {
        server.patch("/v1/account").json(&json!({"email": email, "confirmation_code": code}))
    };
    let mut codes = Vec::new();
    for email in ["ann@example.com", "eve@example.com"] {
        server.post("/v1/account").json(&account(email)).expect(201).await;
        codes.push(server.code_for(email, 1).await);
    }
    confirm("ann@example.com", &codes[0]).expect(200).await;
    confirm("eve@example.com", &codes[1]).refused(403, "signup_closed").await;
}

#[tokio::test]
async fn a_password_is_changed_with_the_one_before_and_every_other_session_ends() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let other = server.sign_in(&ann.email, PASSWORD).await;
    server.post("/v1/account/password").json(&json!({"email": ann.email})).expect(200).await;
    let mail = server.smtp.wait_for(|mail| mail.subject().contains("new Rollcall password")).await;
    let recovery = mail.code().expect("a code");
    let change = |current: &str, password: &str| {
        let body = json!({"current_password": current, "password": password});
        server.put("/v1/account/password").token(&ann.token).json(&body)
    };
    change("wrong-password-1", "another-meadow-12").refused(401, "credentials_invalid").await;
    change(PASSWORD, "ann-example-12").faulty(&["password"]).await;
    change(PASSWORD, "short").faulty(&["password"]).await;
    server.get("/v1/customer").token(&other.token).expect(200).await;
    let changed = change(PASSWORD, "another-meadow-12").header("idempotency-key", "k").expect(200).await;
    assert!(changed.text("/message").contains("other sessions have ended"));
    // The same request again gets the same answer, although the password is another one now.
    let again = change(PASSWORD, "another-meadow-12").header("idempotency-key", "k").expect(200).await;
    assert_eq!((again.header("idempotency-replayed"), &again.bytes), ("true", &changed.bytes));
    server.get("/v1/customer").token(&ann.token).expect(200).await;
    for token in [&other.token] {
        server.get("/v1/customer").token(token).refused(401, "token_invalid").await;
    }
    let old = json!({"email": ann.email, "password": PASSWORD});
    server.post("/v1/auth").json(&old).refused(401, "credentials_invalid").await;
    server.sign_in(&ann.email, "another-meadow-12").await;
    let notice = server.smtp.wait_for(|mail| mail.subject().contains("password was changed")).await;
    assert_eq!(notice.to, std::slice::from_ref(&ann.email));
    // A code that went out before is void.
    let reset = json!({"email": ann.email, "code": recovery, "password": "a-third-river-88"});
    server.patch("/v1/account/password").json(&reset).refused(422, "code_invalid").await;
    let body = json!({"current_password": PASSWORD, "password": "another-meadow-12"});
    server.put("/v1/account/password").json(&body).refused(401, "token_missing").await;
}

#[tokio::test]
async fn a_stolen_session_does_not_try_passwords_for_long() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let change = |current: &str| {
        let body = json!({"current_password": current, "password": "another-meadow-12"});
        server.put("/v1/account/password").token(&ann.token).json(&body)
    };
    for _ in 0..5 {
        change("wrong-password-1").refused(401, "credentials_invalid").await;
    }
    let limited = change(PASSWORD).refused(429, "rate_limited").await;
    assert!(limited.retry_after() <= 15 * 60);
    server.advance(Duration::from_secs(15 * 60));
    change(PASSWORD).expect(200).await;
}
