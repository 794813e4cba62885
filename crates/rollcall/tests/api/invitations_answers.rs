//! Invitations as their receivers answer them: previewed, accepted by strangers and customers, declined.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::teams::{PlansFile, pairs};
use crate::support::{PASSWORD, Person, Request, Server, token_in};

const UNKNOWN: &str = "rci_0000000000000000000000000000000000000000000";

impl Server {
    /// An acceptance that is about to be sent, without an access token.
    fn accepting(&self, token: &str, more: &Value) -> Request<'_> {
        let mut body = json!({"token": token});
        for (field, value) in more.as_object().expect("fields") {
            body[field] = value.clone();
        }
        self.post("/v1/invitation/accept").json(&body)
    }

    /// The same, signed in.
    fn joining(&self, by: &Person, token: &str) -> Request<'_> {
        self.accepting(token, &json!({})).token(&by.token)
    }

    fn declining(&self, token: &str) -> Request<'_> {
        self.post("/v1/invitation/decline").json(&json!({"token": token}))
    }

    /// The token of the link in a text message to a number.
    async fn invite_by_message(&self, by: &Person, team: &str, number: &str) -> String {
        self.inviting(by, team, "sms", number).expect(201).await;
        let order = self.sms.wait_for_one(|order| order.to == number).await;
        token_in(order.body.as_deref()).expect("a link")
    }
}

fn bea() -> Value {
    json!({"name": "Bea", "surname": "Tester", "password": PASSWORD})
}

fn bea_at(email: &str) -> Value {
    json!({"name": "Bea", "surname": "Tester", "password": PASSWORD, "email": email})
}

#[tokio::test]
async fn a_preview_tells_what_the_invitation_is_about_and_whether_to_sign_in() {
    let server = Server::start().await;
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let team = server.team(&ann, "Platform").await;
    let token = server.invite(&ann, &team, "bea@example.com", "manager").await;
    let preview = |token: &str| server.post("/v1/invitation/preview").json(&json!({"token": token}));
    let seen = preview(&token).expect(200).await;
    assert_eq!(
        seen.body,
        json!({
            "invitation": {
                "team": {"team_id": team, "name": "Platform"}, "organization": {"name": "Ann Tester"},
                "channel": "bea@example.com", "channel_type": "email", "role": "manager",
                "sender_full_name": "Ann Tester", "status": "pending",
                "expires_at": seen.body["invitation"]["expires_at"],
            },
            "account_exists": false,
        })
    );
    let known = server.invite(&ann, &team, &gus.email, "user").await;
    assert_eq!(preview(&known).expect(200).await.body["account_exists"], true);
    // Looking changes nothing.
    assert_eq!(server.status_of(&token).await, "pending");
    for unknown in ["", "x", UNKNOWN, &ann.token, &format!("{token}x")] {
        preview(unknown).refused(404, "not_found").await;
        server.declining(unknown).refused(404, "not_found").await;
        server.accepting(unknown, &bea()).refused(404, "not_found").await;
        server.joining(&gus, unknown).refused(404, "not_found").await;
    }
    for operation in ["preview", "accept", "decline"] {
        let post = |body: Value| server.post(&format!("/v1/invitation/{operation}")).json(&body);
        post(json!({})).faulty(&["token"]).await;
        post(json!({"token": 1, "x": 2})).faulty(&["token", "x"]).await;
        let broken =
            server.post(&format!("/v1/invitation/{operation}")).header("content-type", "application/json");
        broken.raw("{").refused(400, "json_malformed").await;
    }
}

#[tokio::test]
async fn a_stranger_who_was_invited_by_mail_joins_signed_in_and_with_a_proved_address() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Platform").await;
    let token = server.invite(&ann, &team, "Bea@example.com", "manager").await;
    // A sign-up that waits gives way, with its code.
    let sign_up =
        json!({"name": "B", "surname": "T", "email": "bea@example.com", "password": "another-meadow-12"});
    server.post("/v1/account").json(&sign_up).expect(201).await;
    let code = server.code_for("bea@example.com", 1).await;

    let joined = server.accepting(&token, &bea()).expect(201).await;
    assert_eq!(joined.text("/message"), "Welcome to Platform! You are signed in.");
    assert_eq!((&joined.body["token_type"], &joined.body["expires_in"]), (&json!("Bearer"), &json!(3600)));
    let customer = json!({
        "customer_id": joined.body["member"]["customer_id"], "email": "Bea@example.com", "name": "Bea",
        "surname": "Tester", "role": "manager",
    });
    assert_eq!(joined.body["customer"], customer);
    let members = server.listed(&ann, &format!("/v1/team/{team}/members")).await;
    assert_eq!(members[1], joined.body["member"]);
    let own = server.get("/v1/customer").token(&joined.text("/access_token")).expect(200).await;
    // At home in the organization that invited her, with no channels.
    assert_eq!(own.text("/organization/name"), "Ann Tester");
    let channels = format!("/v1/customer/{}/notification-channels", joined.text("/customer/customer_id"));
    let channels = server.get(&channels).token(&joined.text("/access_token")).expect(200).await;
    assert_eq!(channels.data().len(), 0);
    server
        .post("/v1/auth/refresh")
        .json(&json!({"refresh_token": joined.text("/refresh_token")}))
        .expect(200)
        .await;
    let confirmation = json!({"email": "bea@example.com", "confirmation_code": code});
    server.patch("/v1/account").json(&confirmation).refused(422, "code_invalid").await;
    server.sign_in("bea@example.com", PASSWORD).await;
    assert_eq!(server.invitations(&ann, &team).await[0]["status"], "accepted");
}

#[tokio::test]
async fn a_new_account_by_invitation_needs_what_every_account_needs() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let by_mail = server.invite(&ann, &team, "violet.harbour@example.com", "user").await;
    let by_message = server.invite_by_message(&ann, &team, "+994551234567").await;
    server.accepting(&by_mail, &json!({})).faulty(&["name", "surname", "password"]).await;
    server.accepting(&by_message, &json!({})).faulty(&["name", "surname", "password", "email"]).await;
    server.accepting(&by_message, &bea()).faulty(&["email"]).await;
    let faulty =
        json!({"name": " ", "surname": "x".repeat(101), "password": "short", "email": "bea", "role": "root"});
    server.accepting(&by_mail, &faulty).faulty(&["name", "surname", "password", "email", "role"]).await;
    // The invited address is the person's own, although it stands in no field.
    let own = server.accepting(&by_mail, &bea()).faulty(&["password"]).await;
    assert_eq!(own.text("/errors/0/code"), "password_too_common");
    server.accepting(&by_mail, &bea_at("bea@example.com")).refused(403, "invitation_for_other_address").await;
    let expired = server.accepting(&by_mail, &bea()).header("authorization", "Bearer x");
    expired.refused(401, "token_invalid").await;
    assert_eq!(
        (server.status_of(&by_mail).await, server.status_of(&by_message).await),
        ("pending".into(), "pending".into())
    );
    assert_eq!(server.roles(&ann, &team).await.len(), 1);
    let mut same = bea_at("VIOLET.harbour@example.com");
    same["password"] = json!("quiet-meadow-12");
    server.accepting(&by_mail, &same).expect(201).await;
}

#[tokio::test]
async fn whoever_has_an_account_signs_in_and_accepts() {
    let server = Server::start().await;
    let (ann, gus, eve) =
        (server.person("Ann").await, server.person("Gus").await, server.person("Eve").await);
    let team = server.team(&ann, "Platform").await;
    let token = server.invite(&ann, &team, "GUS@example.com", "manager").await;
    server.accepting(&token, &bea()).refused(409, "account_exists").await;
    server.accepting(&token, &json!({})).refused(409, "account_exists").await;
    server.joining(&eve, &token).refused(403, "invitation_for_other_address").await;
    assert_eq!(server.status_of(&token).await, "pending");
    let joined = server.joining(&gus, &token).expect(200).await;
    assert_eq!(joined.text("/message"), "Welcome to Platform!");
    assert!(joined.body["access_token"].is_null());
    let members = server.listed(&gus, &format!("/v1/team/{team}/members")).await;
    assert_eq!((&members[1], &members[1]["role"]), (&joined.body["member"], &json!("manager")));
    // A guest stays at home where they were.
    let own = server.get("/v1/customer").token(&gus.token).expect(200).await;
    assert_eq!((own.text("/organization/name"), own.text("/role")), ("Gus Tester".into(), "root".into()));
    server.joining(&gus, &token).refused(409, "invitation_not_pending").await;
}

#[tokio::test]
async fn an_invitation_by_text_message_needs_only_its_token_of_who_is_signed_in() {
    let server = Server::start().await;
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let team = server.team(&ann, "A").await;
    let token = server.invite_by_message(&ann, &team, "+994551234567").await;
    let preview = server.post("/v1/invitation/preview").json(&json!({"token": token})).expect(200).await;
    assert_eq!(
        (&preview.body["account_exists"], preview.text("/invitation/channel_type")),
        (&json!(false), "sms".into())
    );
    server.joining(&ann, &token).refused(409, "already_member").await;
    server.joining(&gus, &token).expect(200).await;
    assert_eq!(server.roles(&ann, &team).await, pairs(&[("Ann", "root"), ("Gus", "user")]));
}

/// A stranger has accepted by a link that proves no address; gives the code that went out.
async fn claimed(server: &Server, token: &str, body: &Value, email: &str) -> String {
    let claimed = server.accepting(token, body).expect(201).await;
    let message = claimed.text("/message");
    assert!(message.contains("six-digit code"), "{message}");
    assert_eq!(claimed.body, json!({"message": message, "confirmation_required": true}));
    server.code_for(email, 1).await
}

#[tokio::test]
async fn a_stranger_by_text_message_joins_once_the_address_is_confirmed() {
    let server = Server::start().await;
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let team = server.team(&ann, "Platform").await;
    let token = server.invite_by_message(&ann, &team, "+994551234567").await;
    // An address with an account gets the same answer, and its owner a mail.
    let known = server.accepting(&token, &bea_at(&gus.email)).expect(201).await;
    server.smtp.wait_for(|mail| mail.subject().contains("account already")).await;
    let code = claimed(&server, &token, &bea_at("bea@example.com"), "bea@example.com").await;
    assert_eq!(known.body["confirmation_required"], true);
    assert_eq!(
        (server.roles(&ann, &team).await.len(), server.status_of(&token).await),
        (1, "pending".into())
    );
    let sign_in = json!({"email": "bea@example.com", "password": PASSWORD});
    server.post("/v1/auth").json(&sign_in).refused(403, "account_unconfirmed").await;

    let confirmation = json!({"email": "Bea@example.com", "confirmation_code": code});
    let welcome = server.patch("/v1/account").json(&confirmation).expect(200).await;
    assert_eq!(welcome.body, json!({"message": "Welcome to Platform! Your account is ready: sign in."}));
    let signed_in = server.sign_in("bea@example.com", PASSWORD).await;
    assert_eq!(server.roles(&signed_in, &team).await, pairs(&[("Ann", "root"), ("Bea", "user")]));
    let own = server.get("/v1/customer").token(&signed_in.token).expect(200).await;
    assert_eq!(own.text("/organization/name"), "Ann Tester");
    assert_eq!(server.status_of(&token).await, "accepted");
}

#[tokio::test]
async fn a_hand_over_link_proves_no_address() {
    let server = Server::start().await;
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let team = server.team(&ann, "Platform").await;
    let sent = server.invite(&ann, &team, "bea@example.com", "user").await;
    let handed_over = server.hand_over(&ann, &team, "bea@example.com").await;
    server.joining(&gus, &handed_over).refused(403, "invitation_for_other_address").await;
    server.accepting(&handed_over, &bea()).expect(201).await;
    // The first mail is the invitation, which has no code.
    let code = server.code_for("bea@example.com", 2).await;
    assert_eq!(server.roles(&ann, &team).await.len(), 1);
    let confirmation = json!({"email": "bea@example.com", "confirmation_code": code});
    server.patch("/v1/account").json(&confirmation).expect(200).await;
    assert_eq!(server.roles(&ann, &team).await, pairs(&[("Ann", "root"), ("Bea", "user")]));
    for token in [&sent, &handed_over] {
        assert_eq!(server.status_of(token).await, "accepted");
    }
    // Who is signed in joins at once.
    server.inviting(&ann, &team, "email", &gus.email).expect(201).await;
    let for_gus = server.hand_over(&ann, &team, &gus.email).await;
    server.accepting(&for_gus, &bea()).refused(409, "account_exists").await;
    server.joining(&gus, &for_gus).expect(200).await;
}

#[tokio::test]
async fn a_withdrawal_before_the_confirmation_voids_the_membership() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let token = server.invite_by_message(&ann, &team, "+994551234567").await;
    let code = claimed(&server, &token, &bea_at("bea@example.com"), "bea@example.com").await;
    server.withdrawing(&ann, &team, "+994551234567").expect(200).await;
    let confirmation = json!({"email": "bea@example.com", "confirmation_code": code});
    server.patch("/v1/account").json(&confirmation).expect(200).await;
    assert_eq!(server.roles(&ann, &team).await, pairs(&[("Ann", "root")]));
    // The account is there all the same, with an organization of its own.
    let bea = server.sign_in("bea@example.com", PASSWORD).await;
    let own = server.get("/v1/customer").token(&bea.token).expect(200).await;
    assert_eq!((own.text("/organization/name"), own.text("/role")), ("Bea Tester".into(), "root".into()));
}

#[tokio::test]
async fn where_sign_up_is_closed_an_invitation_opens_it_until_it_is_withdrawn() {
    let server = Server::with(&[("signup", "invited")]).await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let uma = server.member(&ann, &team, "Uma", "user").await;
    assert_eq!(server.roles(&uma, &team).await.len(), 2);
    let token = server.invite_by_message(&ann, &team, "+994551234567").await;
    let code = claimed(&server, &token, &bea_at("bea@example.com"), "bea@example.com").await;
    server.withdrawing(&ann, &team, "+994551234567").expect(200).await;
    let confirmation = json!({"email": "bea@example.com", "confirmation_code": code});
    server.patch("/v1/account").json(&confirmation).refused(403, "signup_closed").await;
}

#[tokio::test]
async fn accepting_and_declining_end_every_link_of_the_invitation() {
    let server = Server::start().await;
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let team = server.team(&ann, "Platform").await;
    for (end, address) in [("accepted", "bea@example.com"), ("declined", "dan@example.com")] {
        let sent = server.invite(&ann, &team, address, "user").await;
        let handed_over = server.hand_over(&ann, &team, address).await;
        if end == "accepted" {
            server.accepting(&sent, &bea()).expect(201).await;
        } else {
            let declined = server.declining(&handed_over).expect(200).await;
            assert_eq!(declined.body, json!({"message": "You have declined the invitation to Platform."}));
        }
        for token in [&sent, &handed_over] {
            assert_eq!(server.status_of(token).await, end);
            server.accepting(token, &bea()).refused(409, "invitation_not_pending").await;
            server.accepting(token, &json!({})).refused(409, "invitation_not_pending").await;
            server.joining(&gus, token).refused(409, "invitation_not_pending").await;
            server.declining(token).refused(409, "invitation_not_pending").await;
            server.declining(token).token(&gus.token).refused(409, "invitation_not_pending").await;
        }
        let rows = server.invitations(&ann, &team).await;
        assert!(rows.iter().any(|row| row["channel"] == address && row["status"] == end), "{rows:?}");
    }
    let token = server.invite(&ann, &team, &gus.email, "user").await;
    server.declining(&token).token(&gus.token).expect(200).await;
    server.declining(&token).header("authorization", "Bearer x").refused(401, "token_invalid").await;
}

#[tokio::test]
async fn an_expired_link_and_one_that_a_reminder_replaced_accept_nothing() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let replaced = server.invite(&ann, &team, "bea@example.com", "user").await;
    server.reminding(&ann, &team, "bea@example.com").expect(200).await;
    let link = server.link_to("bea@example.com", 2).await;
    server.accepting(&replaced, &bea()).refused(409, "invitation_not_pending").await;
    server.declining(&replaced).refused(409, "invitation_not_pending").await;
    server.advance(Duration::from_secs(7 * 24 * 60 * 60));
    assert_eq!(server.status_of(&link).await, "expired");
    server.accepting(&link, &bea()).refused(409, "invitation_not_pending").await;
    server.declining(&link).refused(409, "invitation_not_pending").await;
}

#[tokio::test]
async fn a_full_team_takes_nobody_and_the_invitation_stays_open() {
    let plans = PlansFile::with("team_members = 2");
    let server = plans.server().await;
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let team = server.team(&ann, "A").await;
    let tokens = [
        server.invite(&ann, &team, "bea@example.com", "user").await,
        server.invite(&ann, &team, &gus.email, "user").await,
    ];
    let uma = server.member(&ann, &team, "Uma", "user").await;
    server.accepting(&tokens[0], &bea()).refused(409, "limit_reached").await;
    server.joining(&gus, &tokens[1]).refused(409, "limit_reached").await;
    server.inviting(&ann, &team, "email", "dan@example.com").refused(409, "limit_reached").await;
    server.remove(&ann, &team, &uma).expect(200).await;
    server.joining(&gus, &tokens[1]).expect(200).await;
    // Nothing of the account that could not join is left.
    server.remove(&ann, &team, &gus).expect(200).await;
    server.accepting(&tokens[0], &bea()).expect(201).await;
}
