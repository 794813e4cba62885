//! Mails as people read them: the code first, a link that fills it in, who asked, and nothing from outside.

use notify_fakes::Mail;
use serde_json::json;

use crate::support::channels::{of, of_team};
use crate::support::{PASSWORD, Server};

const HERE: &str = "http://localhost:8080";

/// The newest mail to an address once there are `n` of them.
async fn nth_mail(server: &Server, to: &str, n: usize) -> Mail {
    let to_them = |mail: &Mail| mail.to.iter().any(|one| one == to).then(|| mail.clone());
    server.smtp.wait_for_nth(n, to_them).await
}

/// What holds for every mail; gives its code, if it has one.
fn is_sound(mail: &Mail) -> Option<String> {
    let (text, html) = (mail.text.as_deref().expect("a text"), mail.html.as_deref().expect("an HTML part"));
    for outside in ["<img", "src=", "url(", "<link", "@import", "<script", "cid:"] {
        assert!(!html.contains(outside), "{outside} in {html}");
    }
    for said in [text, html] {
        assert!(said.contains("If ") && said.contains("Rollcall"), "what to do when it was not you: {said}");
    }
    let first =
        |said: &str| said.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == 6).map(str::to_owned);
    assert_eq!(first(html), mail.code(), "no other six digits stand before the code: {html}");
    mail.code()
}

/// Checks a mail with a code and the link that fills it in.
fn brings_code(mail: &Mail, path: &str) {
    let code = is_sound(mail).expect("a code");
    let url = format!("{HERE}{path}#code={code}");
    assert!(mail.text.as_deref().is_some_and(|text| text.contains(&url)), "{url}: {:?}", mail.text);
    let escaped = url.replace('&', "&#38;");
    assert!(mail.html.as_deref().is_some_and(|html| html.contains(&escaped)), "{escaped}: {:?}", mail.html);
}

fn says(mail: &Mail, what: &str) {
    let parts = [mail.text.as_deref().expect("a text"), mail.html.as_deref().expect("an HTML part")];
    assert!(parts.iter().all(|part| part.contains(what)), "{what}: {}", parts[0]);
}

#[tokio::test]
async fn every_mail_with_a_code_has_a_link_that_fills_it_in() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Ops").await;
    brings_code(&nth_mail(&server, "ann@example.com", 1).await, "/sign-up/code?email=ann%40example.com");

    server.post("/v1/account/password").json(&json!({"email": ann.email})).expect(200).await;
    let mail = nth_mail(&server, "ann@example.com", 2).await;
    brings_code(&mail, "/forgotten-password/code?email=ann%40example.com");

    let change = json!({"email": "new@example.com"});
    server.put("/v1/customer/username").token(&ann.token).json(&change).expect(200).await;
    let mail = nth_mail(&server, "new@example.com", 1).await;
    brings_code(&mail, "/account");
    says(&mail, "Ann Tester");

    server.add_channel(&ann, &of(&ann), "email", "own@example.com").await;
    let mail = nth_mail(&server, "own@example.com", 1).await;
    brings_code(&mail, "/verify?priority=1");
    says(&mail, "Ann Tester");

    server.add_channel(&ann, &of_team(&team), "email", "ops@example.com").await;
    let mail = nth_mail(&server, "ops@example.com", 1).await;
    brings_code(&mail, &format!("/verify?team={team}&priority=1"));
    says(&mail, "the team Ops");
}

#[tokio::test]
async fn notices_and_invitations_say_who_what_and_what_to_do() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Ops").await;
    server.invite(&ann, &team, "bob@example.com", "manager").await;
    let invitation = nth_mail(&server, "bob@example.com", 1).await;
    assert_eq!(is_sound(&invitation), None);
    says(&invitation, "Ann Tester");
    says(&invitation, "a manager");
    let body = json!({"channel_value": "bob@example.com"});
    server
        .post(&format!("/v1/team/{team}/invitation/reminder"))
        .token(&ann.token)
        .json(&body)
        .expect(200)
        .await;
    let reminder = nth_mail(&server, "bob@example.com", 2).await;
    assert!(reminder.subject().starts_with("Reminder: Ann Tester"), "{}", reminder.subject());
    is_sound(&reminder);

    let account = json!({"name": "X", "surname": "Y", "email": ann.email, "password": PASSWORD});
    server.post("/v1/account").json(&account).expect(201).await;
    let exists = nth_mail(&server, "ann@example.com", 2).await;
    assert_eq!(is_sound(&exists), None);

    let change = json!({"current_password": PASSWORD, "password": "another-harbour-72"});
    server.put("/v1/account/password").token(&ann.token).json(&change).expect(200).await;
    let changed = nth_mail(&server, "ann@example.com", 3).await;
    assert_eq!(is_sound(&changed), None);
    says(&changed, "was changed");
}
