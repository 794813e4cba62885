//! Leaving for good: what goes, what stays, and who may not.

use rollcall::db::{Error, FromRow, audit_chain};
use serde_json::{Value, json};

use crate::support::channels::of;
use crate::support::teams::pairs;
use crate::support::{PASSWORD, Person, Request, Server};

impl Server {
    fn leave(&self, person: &Person) -> Request<'_> {
        self.delete("/v1/customer").token(&person.token).json(&json!({"reason": "Too noisy"}))
    }

    async fn rows<R: FromRow + Send + 'static>(&self, sql: &'static str) -> Vec<R> {
        let rows = self.app.db.read(move |reader| reader.fetch_all(sql, ())).await;
        rows.map_err(|error: Error| error).expect("the storage answers")
    }

    /// How many rows each table of tenants has, the audit log and feedback aside.
    async fn counts(&self) -> Vec<(String, i64)> {
        self.rows(
            "select 'organization', count(*) from organization union all
             select 'identity', count(*) from identity union all
             select 'customer', count(*) from customer union all
             select 'session', count(*) from session union all
             select 'token', count(*) from token union all
             select 'directory', count(*) from directory union all
             select 'team', count(*) from team union all
             select 'membership', count(*) from membership union all
             select 'invitation', count(*) from invitation union all
             select 'invitation_token', count(*) from invitation_token union all
             select 'notification_channel', count(*) from notification_channel union all
             select 'one_time_code', count(*) from one_time_code union all
             select 'service', count(*) from service union all
             select 'delivery', count(*) from delivery union all
             select 'delivery_attempt', count(*) from delivery_attempt union all
             select 'sign_up', count(*) from sign_up union all
             select 'outbox', count(*) from outbox union all
             select 'mailbox_message', count(*) from mailbox_message union all
             select 'idempotency', count(*) from idempotency",
        )
        .await
    }

    /// Every chain of the audit log holds.
    pub(crate) async fn audit_holds(&self) {
        let verified = self.app.db.read(|reader| Ok::<_, Error>(audit_chain::verify(reader))).await;
        verified.expect("the storage answers").expect("the chains hold");
    }
}

#[tokio::test]
async fn the_only_root_of_others_stays() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let uma = server.member(&ann, &team, "Uma", "user").await;
    let before = server.counts().await;
    server.leave(&ann).refused(409, "last_root").await;
    assert_eq!(server.counts().await, before);
    server.change(&ann, &team, &uma, &json!({"role": "root"})).expect(200).await;
    let left = server.leave(&ann).expect(200).await;
    assert_eq!(left.text("/message"), "Your account is gone. Thank you for the time with us.");
    assert_eq!(server.roles(&uma, &team).await, pairs(&[("Uma", "root")]));
    server.audit_holds().await;
}

#[tokio::test]
async fn everything_of_a_customer_who_leaves_is_gone_at_once() {
    let server = Server::start().await;
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let (team, away) = (server.team(&ann, "A").await, server.team(&gus, "Away").await);
    let before = server.counts().await;
    let mia = server.member(&ann, &team, "Mia", "manager").await;
    server.guest(&gus, &away, &mia, "manager").await;
    let other = server.sign_in(&mia.email, PASSWORD).await;
    server.verified_email(&mia, &of(&mia), "mia@phone.example").await;
    server.add_channel(&mia, &of(&mia), "email", "waits@phone.example").await;
    let body = json!({"email": "mia@new.example"});
    server.put("/v1/customer/username").token(&mia.token).json(&body).expect(200).await;
    server.post("/v1/account/password").json(&json!({"email": mia.email})).expect(200).await;
    let feedback = server.post("/v1/customer/feedback").token(&mia.token).header("idempotency-key", "k");
    feedback.json(&json!({"message": "Nice"})).expect(201).await;
    let invited = server.invite(&mia, &team, "vic@example.com", "user").await;
    let invited_away = server.invite(&mia, &away, "wim@example.com", "user").await;

    let body = json!({"reason": " Too noisy ", "comment": "At night\nabove all."});
    let left = server.delete("/v1/customer").token(&mia.token).json(&body).expect(200).await;
    assert_eq!(left.body.as_object().map(serde_json::Map::len), Some(1));
    for token in [&mia.token, &other.token] {
        server.get("/v1/customer").token(token).refused(401, "token_invalid").await;
    }
    let sign_in = json!({"email": mia.email, "password": PASSWORD});
    server.post("/v1/auth").json(&sign_in).refused(401, "credentials_invalid").await;
    assert_eq!(server.roles(&ann, &team).await, pairs(&[("Ann", "root")]));
    assert_eq!(server.roles(&gus, &away).await, pairs(&[("Gus", "root")]));
    server
        .get(&format!("/v1/customer/{}", mia.customer_id))
        .token(&ann.token)
        .refused(404, "not_found")
        .await;
    for token in [invited, invited_away] {
        let accept = json!({"token": token, "name": "V", "surname": "T", "password": PASSWORD});
        server.post("/v1/invitation/accept").json(&accept).refused(409, "invitation_not_pending").await;
    }
    let kept: Vec<(String, String, Option<Vec<u8>>)> =
        server.rows("select kind, message, customer_id from feedback order by feedback_id").await;
    let row = |kind: &str, message: &str| (kind.to_owned(), message.to_owned(), None);
    assert_eq!(kept, [row("feedback", "Nice"), row("leaving", "Too noisy\n\nAt night\nabove all.")]);

    // What is left of it are the invitations, as history.
    let after: Vec<_> =
        server.counts().await.into_iter().filter(|row| !row.0.starts_with("invitation")).collect();
    let before: Vec<_> = before.into_iter().filter(|row| !row.0.starts_with("invitation")).collect();
    let waits =
        |rows: &[(String, i64)]| rows.iter().filter(|row| row.0 != "outbox").cloned().collect::<Vec<_>>();
    assert_eq!(waits(&after), waits(&before));
    server.audit_holds().await;
    // The address is free again.
    let again = json!({"name": "Mia", "surname": "Again", "email": mia.email, "password": PASSWORD});
    server.post("/v1/account").json(&again).expect(201).await;
}

#[tokio::test]
async fn who_has_left_is_a_former_member_in_the_log_and_in_invitations_and_leaves_no_address() {
    let server = Server::start().await;
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let (team, away) = (server.team(&ann, "A").await, server.team(&gus, "Away").await);
    let mia = server.member(&ann, &team, "Mia", "manager").await;
    server.guest(&gus, &away, &mia, "user").await;
    let token = server.invite(&mia, &team, "vic@example.com", "user").await;
    let accept = json!({"token": token, "name": "Vic", "surname": "Tester", "password": PASSWORD});
    server.post("/v1/invitation/accept").json(&accept).expect(201).await;
    server.leave(&mia).expect(200).await;

    let invitations = server.listed(&ann, &format!("/v1/team/{team}/invitations")).await;
    let vics = invitations.iter().find(|invited| invited["channel"] == "vic@example.com").expect("Vic's");
    assert_eq!(vics["sender"], json!({"customer_id": null, "full_name": "former member"}));
    assert_eq!(vics["sender_full_name"], "former member");
    let log = server.listed(&ann, "/v1/org/audit-log").await;
    let former = json!({"customer_id": mia.customer_id, "full_name": "former member"});
    let hers: Vec<_> = log.iter().filter(|entry| entry["actor"] == former).collect();
    let actions: Vec<_> = hers.iter().map(|entry| entry["action"].as_str().expect("a text")).collect();
    assert_eq!((actions[0], actions.contains(&"invitation.sent")), ("customer.deleted", true));
    assert_eq!(hers[0]["target"], json!({"type": "customer", "id": mia.customer_id}));
    assert!(hers.iter().all(|entry| entry["ip"].is_null()), "{hers:?}");
    assert!(log.iter().any(|entry| entry["ip"] == "127.0.0.1"));
    // The organization where she was a guest reads that she left.
    let newest = &server.listed(&gus, "/v1/org/audit-log").await[0];
    assert_eq!((&newest["action"], &newest["actor"]), (&json!("member.removed"), &former));
    server.audit_holds().await;
}

#[tokio::test]
async fn the_last_customer_takes_the_organization_along() {
    let server = Server::start().await;
    let gus = server.person("Gus").await;
    server.team(&gus, "Away").await;
    let before = server.counts().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    server.service(&ann, &team, "API").await;
    server.guest(&ann, &team, &gus, "manager").await;
    server.verified_webhook(&ann, &format!("/v1/team/{team}"), "/hook").await;
    server.add_channel(&gus, &format!("/v1/team/{team}"), "email", "ops@example.com").await;
    let token = server.invite(&gus, &team, "vic@example.com", "user").await;
    let left = server.leave(&ann).expect(200).await;
    assert!(left.text("/message").contains("and your organization are gone"));
    let rows =
        |rows: Vec<(String, i64)>| rows.into_iter().filter(|row| row.0 != "outbox").collect::<Vec<_>>();
    assert_eq!(rows(server.counts().await), rows(before));
    server.get(&format!("/v1/team/{team}/members")).token(&gus.token).refused(404, "not_found").await;
    server.post("/v1/invitation/preview").json(&json!({"token": token})).refused(404, "not_found").await;
    server.get("/v1/customer").token(&ann.token).refused(401, "token_invalid").await;
    let kept: Vec<(String,)> = server.rows("select message from feedback").await;
    assert_eq!(kept, [("Too noisy".to_owned(),)]);
    server.audit_holds().await;
    // Who comes back begins anew.
    let account = json!({"name": "Ann", "surname": "Again", "email": ann.email, "password": PASSWORD});
    server.post("/v1/account").json(&account).expect(201).await;
    let code = server.code_for(&ann.email, 2).await;
    let confirmation = json!({"email": ann.email, "confirmation_code": code});
    server.patch("/v1/account").json(&confirmation).expect(200).await;
    let again = server.sign_in(&ann.email, PASSWORD).await;
    assert_ne!(again.customer_id, ann.customer_id);
}

#[tokio::test]
async fn messages_that_wait_and_those_in_the_mailbox_go_with_their_customer() {
    let server = Server::with(&[("smtp_url", ""), ("mail_from", ""), ("sms_url", "")]).await;
    // Without a transport everything stays in the mailbox, where its codes are found.
    let ann = server.person_by_mailbox("Ann").await;
    server.add_channel(&ann, &of(&ann), "sms", "+994551234567").await;
    server.newest_code("+994551234567").await;
    let body = json!({"email": "anna@new.example"});
    server.put("/v1/customer/username").token(&ann.token).json(&body).expect(200).await;
    server.newest_code("anna@new.example").await;
    let team = server.team(&ann, "A").await;
    server.inviting(&ann, &team, "email", "vic@example.com").expect(201).await;
    server.leave(&ann).expect(200).await;
    let left: Vec<(String, String)> = server
        .rows("select 'outbox', transport from outbox union all select 'mailbox', recipient from mailbox_message")
        .await;
    assert_eq!(left, []);
}

#[tokio::test]
async fn a_reason_is_asked_for() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let leave = |body: Value| server.delete("/v1/customer").token(&ann.token).json(&body);
    leave(json!({})).faulty(&["reason"]).await;
    leave(json!({"reason": "x".repeat(201), "comment": "x".repeat(2001)}))
        .faulty(&["reason", "comment"])
        .await;
    server.delete("/v1/customer").token(&ann.token).refused(400, "json_malformed").await;
    server.delete("/v1/customer").json(&json!({"reason": "x"})).refused(401, "token_missing").await;
    leave(json!({"reason": "x".repeat(200), "comment": ""})).expect(200).await;
}

#[tokio::test]
async fn of_two_roots_who_leave_at_once_one_stays_while_others_are_there() {
    let server = Server::start().await;
    for round in 0..20 {
        let ann = server.person(&format!("Ann{round}")).await;
        let team = server.team(&ann, "A").await;
        let bob = server.another_root(&ann, &team, &format!("Bob{round}")).await;
        let uma = server.member(&ann, &team, &format!("Uma{round}"), "user").await;
        let answers = futures_util::future::join(server.leave(&ann).send(), server.leave(&bob).send()).await;
        let mut statuses = [answers.0.status.as_u16(), answers.1.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        let roles = server.roles(&uma, &team).await;
        assert_eq!(roles.iter().filter(|(_, role)| role == "root").count(), 1, "{roles:?}");
    }
}
