//! Invitations as their team sends them: invited, listed, reminded, handed over, withdrawn, and by whom.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::support::teams::NOWHERE;
use crate::support::{Person, Server, token_in};

const MINUTE: Duration = Duration::from_secs(60);
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

#[tokio::test]
async fn who_is_invited_by_mail_gets_a_link_and_the_team_sees_the_invitation() {
    let server = Server::with(&[("public_url", "https://rollcall.example.com/")]).await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Platform").await;
    let body = json!({"channel_type": "email", "channel_value": " Bea@Example.com ", "role": "manager"});
    let invited = server.on_invitation(Method::POST, &ann, &team, "", &body).expect(201).await;
    assert_eq!(invited.text("/message"), "The invitation to Platform is on its way to Bea@Example.com.");
    let mut whole = json!({
        "channel": "Bea@Example.com", "channel_type": "email", "role": "manager",
        "sender": {"customer_id": ann.customer_id, "full_name": "Ann Tester"},
        "sender_full_name": "Ann Tester", "status": "pending", "reminded_at": null,
    });
    for field in ["invitation_id", "created_at", "expires_at"] {
        whole[field] = invited.body["invitation"][field].clone();
    }
    assert_eq!(invited.body["invitation"], whole);
    let time =
        |field: &str| whole[field].as_str().expect("a time").parse::<jiff::Timestamp>().expect("a time");
    assert_eq!(time("expires_at").duration_since(time("created_at")).as_secs(), 7 * 24 * 60 * 60);
    assert_eq!(server.invitations(&ann, &team).await, [whole]);

    let mail = server.smtp.wait_for(|mail| mail.to == ["Bea@example.com"]).await;
    assert_eq!(mail.subject(), "Ann Tester invites you to Platform");
    let text = mail.text.expect("a text");
    assert!(text.contains("team Platform of Ann Tester on Rollcall, as a manager"), "{text}");
    assert!(text.contains("https://rollcall.example.com/invitation?token="), "{text}");
}

#[tokio::test]
async fn who_is_invited_by_text_message_gets_the_link_there() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Platform").await;
    let invited = server.inviting(&ann, &team, "sms", "+994 (55) 123-45-67").expect(201).await;
    assert_eq!(invited.text("/invitation/channel"), "+994551234567");
    assert_eq!(invited.text("/invitation/role"), "user");
    let order = server.sms.wait_for_one(|order| order.to == "+994551234567").await;
    let text = order.body.expect("a text message");
    assert!(text.starts_with("Ann Tester invites you to the team Platform on Rollcall:"), "{text}");
    assert_eq!(server.status_of(&token_in(Some(&text)).expect("a link")).await, "pending");
}

#[tokio::test]
async fn what_is_wrong_with_an_invitation_is_named_at_once() {
    let server = Server::with(&[("sms_url", ""), ("mailbox", "off"), ("phone_url", "")]).await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let post = |body: Value| server.on_invitation(Method::POST, &ann, &team, "", &body);
    post(json!({})).faulty(&["channel_type", "channel_value"]).await;
    let body = json!({"channel_type": "email", "channel_value": "bea", "role": "root", "note": "x"});
    post(body).faulty(&["channel_value", "role", "note"]).await;
    for (kind, value, fields) in [
        ("slack", "bea@example.com", ["channel_type"]),
        ("sms", "bea@example.com", ["channel_value"]),
        ("email", "+994551234567", ["channel_value"]),
        ("email", "\"bea\"@example.com", ["channel_value"]),
        ("email", "bea@localhost", ["channel_value"]),
        ("sms", "+1", ["channel_value"]),
    ] {
        server.inviting(&ann, &team, kind, value).faulty(&fields).await;
    }
    let unavailable = server.inviting(&ann, &team, "sms", "+994551234567").faulty(&["channel_type"]).await;
    assert_eq!(unavailable.text("/errors/0/code"), "type_unavailable");
    for (method, what) in [(Method::DELETE, ""), (Method::POST, "/reminder"), (Method::POST, "/link")] {
        let named = |body: &Value| server.on_invitation(method.clone(), &ann, &team, what, body);
        named(&json!({})).faulty(&["channel_value"]).await;
        named(&json!({"channel_value": "bea", "x": 1})).faulty(&["channel_value", "x"]).await;
        named(&json!({"channel_value": "bea@example.com"})).refused(404, "not_found").await;
    }
    assert_eq!(server.invitations(&ann, &team).await, Vec::<Value>::new());
}

#[tokio::test]
async fn an_address_is_invited_once_at_a_time_however_it_is_written() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let (team, other) = (server.team(&ann, "A").await, server.team(&ann, "B").await);
    let uma = server.member(&ann, &team, "Uma", "user").await;
    server.inviting(&ann, &team, "email", "Bea@Bücher.example").expect(201).await;
    for same in ["bea@bücher.example", "BEA@XN--BCHER-KVA.example", " Bea@Bücher.example "] {
        server.inviting(&ann, &team, "email", same).refused(409, "already_invited").await;
    }
    server.inviting(&ann, &team, "sms", "+994551234567").expect(201).await;
    server.inviting(&ann, &team, "sms", "+994 55 123 45 67").refused(409, "already_invited").await;
    server.inviting(&ann, &team, "email", "UMA@example.com").refused(409, "already_member").await;
    server.inviting(&ann, &team, "email", &ann.email).refused(409, "already_member").await;
    // Each team invites for itself.
    server.inviting(&ann, &other, "email", "bea@bücher.example").expect(201).await;
    server.inviting(&ann, &other, "email", &uma.email).expect(201).await;
    assert_eq!(server.invitations(&ann, &team).await.len(), 3);
    server.withdrawing(&ann, &team, "BEA@xn--bcher-kva.EXAMPLE").expect(200).await;
    server.withdrawing(&ann, &team, "+994-55-123-45-67").expect(200).await;
    server.inviting(&ann, &team, "email", "Bea@Bücher.example").expect(201).await;
}

#[tokio::test]
async fn only_root_and_managers_invite_users_see_and_for_others_there_is_no_team() {
    let server = Server::start().await;
    let (ann, eve) = (server.person("Ann").await, server.person("Eve").await);
    let team = server.team(&ann, "A").await;
    let mia = server.member(&ann, &team, "Mia", "manager").await;
    let uma = server.member(&ann, &team, "Uma", "user").await;
    let bob = server.another_root(&ann, &team, "Bob").await;
    server.remove(&ann, &team, &bob).expect(200).await;
    let broken = |method: &Method, by: &Person, what: &str| {
        let request = server.request(method.clone(), &format!("/v1/team/{team}/invitation{what}"));
        request.token(&by.token).raw("{")
    };
    let commands =
        [(Method::POST, ""), (Method::POST, "/reminder"), (Method::POST, "/link"), (Method::DELETE, "")];
    for (method, what) in &commands {
        // Who may not is not told what is wrong with the body.
        broken(method, &uma, what).refused(403, "role_insufficient").await;
        broken(method, &eve, what).refused(404, "not_found").await;
        broken(method, &ann, what).refused(415, "media_type_unsupported").await;
        let path = |team: &str| format!("/v1/team/{team}/invitation{what}");
        server.request(method.clone(), &path("x")).raw("{").refused(401, "token_missing").await;
        server.request(method.clone(), &path("x")).token(&ann.token).refused(422, "id_invalid").await;
        server.request(method.clone(), &path(NOWHERE)).token(&ann.token).refused(404, "not_found").await;
    }
    for (number, by) in [&ann, &mia, &bob].into_iter().enumerate() {
        let address = format!("n{number}@example.com");
        server.inviting(by, &team, "email", &address).expect(201).await;
        server.reminding(by, &team, &address).expect(200).await;
        server.hand_over(by, &team, &address).await;
        server.inviting(by, &team, "email", &format!("kept{number}@example.com")).expect(201).await;
        server.withdrawing(by, &team, &address).expect(200).await;
    }
    let path = format!("/v1/team/{team}/invitations");
    for by in [&ann, &bob, &mia, &uma] {
        assert_eq!(server.listed(by, &path).await.iter().filter(|row| row["status"] == "pending").count(), 3);
    }
    server.get(&path).token(&eve.token).refused(404, "not_found").await;
    server.get(&path).refused(401, "token_missing").await;
}

#[tokio::test]
async fn a_reminder_renews_the_days_and_replaces_the_link() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let mia = server.member(&ann, &team, "Mia", "manager").await;
    let first = server.invite(&ann, &team, "bea@example.com", "user").await;
    let handed_over = server.hand_over(&ann, &team, "bea@example.com").await;
    let before = server.invitations(&ann, &team).await.pop().expect("one");
    // The first may follow at once, by anybody who governs the team.
    let reminded = server.reminding(&mia, &team, "BEA@example.com").expect(200).await;
    assert_eq!(reminded.text("/message"), "A reminder is on its way to bea@example.com.");
    let mail = server.smtp.wait_for(|mail| mail.subject().starts_with("Reminder:")).await;
    assert_eq!(mail.subject(), "Reminder: Mia Tester invites you to A");
    let second = server.link_to("bea@example.com", 2).await;
    assert_eq!(
        (server.status_of(&first).await, server.status_of(&second).await),
        ("withdrawn".into(), "pending".into())
    );
    assert_eq!(server.status_of(&handed_over).await, "pending");
    let after = server.invitations(&ann, &team).await.pop().expect("one");
    assert_eq!(after, reminded.body["invitation"]);
    let text = |row: &Value, field: &str| row[field].as_str().expect("a text").to_owned();
    assert!(text(&after, "expires_at") > text(&before, "expires_at"));
    assert!(text(&after, "reminded_at") > text(&after, "created_at"));
    assert_eq!((&after["sender"], &after["invitation_id"]), (&before["sender"], &before["invitation_id"]));

    server.advance(14 * MINUTE);
    let soon = server.reminding(&ann, &team, "bea@example.com").refused(429, "resend_too_soon").await;
    assert!((1..=60).contains(&soon.retry_after()), "{}", soon.retry_after());
    assert_eq!(server.status_of(&second).await, "pending");
    server.advance(MINUTE);
    server.reminding(&ann, &team, "bea@example.com").expect(200).await;
    assert_eq!(server.status_of(&second).await, "withdrawn");
}

#[tokio::test]
async fn an_invitation_expires_after_seven_days_and_a_reminder_opens_it_again() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let first = server.invite(&ann, &team, "bea@example.com", "user").await;
    server.advance(WEEK.saturating_sub(MINUTE));
    assert_eq!(server.status_of(&first).await, "pending");
    server.advance(MINUTE);
    let ann = server.sign_in(&ann.email, &ann.password).await;
    assert_eq!(server.status_of(&first).await, "expired");
    assert_eq!(server.invitations(&ann, &team).await[0]["status"], "expired");
    let body = json!({"channel_value": "bea@example.com"});
    let link = server.on_invitation(Method::POST, &ann, &team, "/link", &body);
    link.refused(409, "invitation_not_pending").await;
    let reminded = server.reminding(&ann, &team, "bea@example.com").expect(200).await;
    assert_eq!(reminded.text("/invitation/status"), "pending");
    let second = server.link_to("bea@example.com", 2).await;
    assert_eq!(
        (server.status_of(&first).await, server.status_of(&second).await),
        ("withdrawn".into(), "pending".into())
    );
}

#[tokio::test]
async fn who_was_invited_in_vain_may_be_invited_anew() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let declined = server.invite(&ann, &team, "bea@example.com", "user").await;
    server.post("/v1/invitation/decline").json(&json!({"token": declined})).expect(200).await;
    // What was declined is history: neither withdrawn nor reminded of.
    server.withdrawing(&ann, &team, "bea@example.com").refused(404, "not_found").await;
    server.reminding(&ann, &team, "bea@example.com").refused(404, "not_found").await;
    let anew = server.invite(&ann, &team, "bea@example.com", "manager").await;
    let statuses = async |by: &Person| {
        let rows = server.invitations(by, &team).await;
        rows.iter().map(|row| row["status"].as_str().expect("a text").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(statuses(&ann).await, ["declined", "pending"]);
    server.advance(WEEK);
    let ann = server.sign_in(&ann.email, &ann.password).await;
    let again = server.invite(&ann, &team, "bea@example.com", "user").await;
    assert_eq!(statuses(&ann).await, ["declined", "pending"]);
    assert_eq!(server.status_of(&again).await, "pending");
    let body = json!({"token": anew, "name": "Bea", "surname": "T", "password": "violet-harbour-71"});
    server.post("/v1/invitation/accept").json(&body).refused(409, "invitation_not_pending").await;
    assert_eq!(server.status_of(&declined).await, "declined");
}

#[tokio::test]
async fn a_withdrawn_invitation_leaves_the_list_and_its_links_stop_working() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let sent = server.invite(&ann, &team, "bea@example.com", "user").await;
    let handed_over = server.hand_over(&ann, &team, "bea@example.com").await;
    let gone = server.withdrawing(&ann, &team, "bea@example.com").expect(200).await;
    assert_eq!(
        gone.body,
        json!({"message": "The invitation of bea@example.com is withdrawn. Its links no longer work."})
    );
    assert_eq!(server.invitations(&ann, &team).await, Vec::<Value>::new());
    for token in [&sent, &handed_over] {
        assert_eq!(server.status_of(token).await, "withdrawn");
        let body = json!({"token": token, "name": "Bea", "surname": "T", "password": "violet-harbour-71"});
        server.post("/v1/invitation/accept").json(&body).refused(409, "invitation_not_pending").await;
        let decline = server.post("/v1/invitation/decline").json(&json!({"token": token}));
        decline.refused(409, "invitation_not_pending").await;
    }
    server.withdrawing(&ann, &team, "bea@example.com").refused(404, "not_found").await;
    // An expired one is withdrawn as well.
    server.invite(&ann, &team, "bea@example.com", "user").await;
    server.advance(WEEK);
    let ann = server.sign_in(&ann.email, &ann.password).await;
    server.withdrawing(&ann, &team, "bea@example.com").expect(200).await;
    assert_eq!(server.invitations(&ann, &team).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_hand_over_link_is_a_second_token_and_the_next_one_replaces_it() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let sent = server.invite(&ann, &team, "bea@example.com", "user").await;
    let body = json!({"channel_value": "bea@example.com"});
    let made = server.on_invitation(Method::POST, &ann, &team, "/link", &body).expect(200).await;
    assert!(made.text("/link").starts_with("http://localhost:8080/invitation?token="), "{}", made.body);
    assert!(made.text("/message").contains("Hand this link to bea@example.com yourself"));
    let first = token_in(Some(&made.text("/link"))).expect("a link");
    let second = server.hand_over(&ann, &team, "bea@example.com").await;
    assert_ne!(first, sent);
    assert_eq!(server.status_of(&first).await, "withdrawn");
    assert_eq!(
        (server.status_of(&sent).await, server.status_of(&second).await),
        ("pending".into(), "pending".into())
    );
    // Nothing of it was sent, since it is for another way: the next mail is the reminder.
    server.reminding(&ann, &team, "bea@example.com").expect(200).await;
    let reminder = server.link_to("bea@example.com", 2).await;
    assert!(![&first, &second].contains(&&reminder));
}
