//! What somebody new must give to accept an invitation: all that is missing is said at once.

use serde_json::{Value, json};

use crate::support::{PASSWORD, Server, token_in};

#[tokio::test]
async fn everything_that_a_new_account_lacks_is_named_at_once() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Ops").await;
    let accept = |body: Value| server.post("/v1/invitation/accept").json(&body);

    let by_mail = server.invite(&ann, &team, "bea@example.com", "user").await;
    accept(json!({"token": by_mail})).faulty(&["name", "surname", "password"]).await;
    accept(json!({"token": by_mail, "name": "Bea"})).faulty(&["surname", "password"]).await;
    // Beside what is faulty, and what is not known.
    accept(json!({"token": by_mail, "name": ""})).faulty(&["name", "surname", "password"]).await;
    accept(json!({"token": by_mail, "nickname": "B"}))
        .faulty(&["nickname", "name", "surname", "password"])
        .await;
    // Whoever cannot accept is told of the faults alone; whoever is signed in needs none of it.
    accept(json!({"token": "x", "name": ""})).faulty(&["name"]).await;
    accept(json!({"token": by_mail, "name": ""})).token(&ann.token).faulty(&["name"]).await;

    let invitation = json!({"channel_value": "+49 (0) 151 23456789", "channel_type": "sms"});
    let invite = server.post(&format!("/v1/team/{team}/invitation")).token(&ann.token).json(&invitation);
    assert_eq!(invite.expect(201).await.text("/invitation/channel"), "+4915123456789");
    let message = server.sms.wait_for_one(|request| request.to == "+4915123456789").await;
    let by_sms = token_in(message.body.as_deref()).expect("the message brings a link");
    accept(json!({"token": by_sms})).faulty(&["name", "surname", "email", "password"]).await;
    let faulty = json!({"token": by_sms, "name": "", "password": "short"});
    accept(faulty).faulty(&["name", "password", "surname", "email"]).await;
    let new = json!({"token": by_sms, "name": "Bea", "surname": "Tester", "password": PASSWORD});
    accept(new).faulty(&["email"]).await;
}
