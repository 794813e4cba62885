//! What is kept about a person: all of it for them to take along, and nothing of it once they have left.

use serde_json::json;

use crate::support::{Person, Server, channels};

/// Somebody with a word of their own in everything that they have, in a team of each of two organizations.
async fn somebody(server: &Server) -> (Person, Person, String, String) {
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let (home, away) = (server.team(&ann, "Home").await, server.team(&gus, "Away").await);
    let wombat = server.member(&ann, &home, "wombat", "manager").await;
    server.guest(&gus, &away, &wombat, "user").await;
    let surname = json!({"surname": "wombatson"});
    server.patch("/v1/customer").token(&wombat.token).json(&surname).expect(200).await;
    let own = channels::of(&wombat);
    server.verified_email(&wombat, &own, "wombat-phone@example.com").await;
    server.add_channel(&wombat, &own, "sms", "+994551234567").await;
    server.settled(&wombat, &own).await;
    let feedback = json!({"message": "Good.", "category": "praise", "rating": 5});
    server.post("/v1/customer/feedback").token(&wombat.token).json(&feedback).expect(201).await;
    server.invite(&wombat, &home, "vic@example.com", "user").await;
    (ann, wombat, home, away)
}

#[tokio::test]
async fn everything_about_oneself_comes_in_one_answer() {
    let server = Server::start().await;
    let (ann, wombat, home, away) = somebody(&server).await;
    let export = server.get("/v1/customer/export").token(&wombat.token).expect(200).await;
    let profile = server.get("/v1/customer").token(&wombat.token).expect(200).await;
    assert_eq!(export.body["profile"], profile.body);
    let teams: Vec<_> = export.body["memberships"].as_array().expect("a list").iter().collect();
    assert_eq!(teams.iter().map(|team| &team["team_id"]).collect::<Vec<_>>(), [&home, &away]);
    let own = server.channels(&wombat, &channels::of(&wombat)).await;
    assert_eq!(export.body["notification_channels"], json!(own));
    assert_eq!(export.body["deliveries"].as_array().map(Vec::len), Some(2));
    assert_eq!(export.text("/invitations_sent/0/channel"), "vic@example.com");
    assert_eq!(export.body["invitations_received"].as_array().map(Vec::len), Some(2));
    assert_eq!(export.text("/feedback/0/message"), "Good.");
    assert_eq!(export.text("/activity/0/action"), "invitation.sent");
    assert!(export.body["sessions"].as_array().is_some_and(|sessions| !sessions.is_empty()));
    let text = export.body.to_string();
    assert!(!text.contains(&ann.customer_id) && !text.contains("argon2"), "{text}");
    let again = server.get("/v1/customer/export").token(&wombat.token);
    again.header("if-none-match", export.header("etag")).expect(304).await;
}

#[tokio::test]
async fn what_was_done_in_a_team_that_was_left_since_is_told_too() {
    let server = Server::start().await;
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let away = server.team(&gus, "Away").await;
    server.guest(&gus, &away, &ann, "manager").await;
    let service = server.service(&ann, &away, "API").await;
    server.remove(&gus, &away, &ann).expect(200).await;
    let export = server.get("/v1/customer/export").token(&ann.token).expect(200).await;
    let activity = export.body["activity"].as_array().expect("a list");
    assert!(activity.iter().any(|event| event["target_id"] == json!(service)), "{activity:?}");
}

#[tokio::test]
async fn who_has_left_stands_in_no_row_of_any_table() {
    let server = Server::start().await;
    let (ann, wombat, home, _) = somebody(&server).await;
    let reset = json!({"email": wombat.email});
    server.post("/v1/account/password").json(&reset).expect(200).await;
    let username = json!({"email": "wombat-new@example.com"});
    server.put("/v1/customer/username").token(&wombat.token).json(&username).expect(200).await;
    let wrong = json!({"email": wombat.email, "password": "another-password-9"});
    server.post("/v1/auth").json(&wrong).expect(401).await;
    server.invite(&ann, &server.team(&ann, "Other").await, &wombat.email, "user").await;
    assert!(!server.stored_rows().await.holding("wombat").is_empty());
    let leave = json!({"reason": "moving on"});
    server.delete("/v1/customer").token(&wombat.token).json(&leave).expect(200).await;
    assert_eq!(server.stored_rows().await.holding("wombat"), Vec::<String>::new());
    // The history of invitations stays, without whom they named.
    let invitations = server.listed(&ann, &format!("/v1/team/{home}/invitations")).await;
    assert_eq!(invitations[0]["channel"], "former member");
    assert_eq!(invitations[0]["status"], "accepted");
    server.audit_holds().await;
}
