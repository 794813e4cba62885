//! A team's channels: who may do what, and who sees which secrets.

use serde_json::{Value, json};

use crate::support::channels::{of, of_team};
use crate::support::teams::PlansFile;
use crate::support::{Person, Server};

/// Every operation on a channel with the status that it has for whoever may do it.
async fn try_all(server: &Server, by: &Person, owner: &str) -> Vec<(&'static str, u16)> {
    let path = format!("{owner}/notification-channel");
    let mut found = Vec::new();
    let mut tried = |name, answer: crate::support::Answer| found.push((name, answer.status.as_u16()));
    tried("list", server.get(&format!("{path}s")).token(&by.token).send().await);
    tried("deliveries", server.get(&format!("{path}/deliveries")).token(&by.token).send().await);
    let body = json!({"type": "email", "value": "x@example.com"});
    tried("create", server.post(&path).token(&by.token).json(&body).send().await);
    let body = json!({"priority": 1, "value": "y@example.com"});
    tried("change", server.put(&path).token(&by.token).json(&body).send().await);
    let body = json!({"priority": 1, "new_priority": 1});
    tried("reorder", server.patch(&path).token(&by.token).json(&body).send().await);
    let body = json!({"priority": 1, "code": "000000"});
    tried("verify", server.patch(&format!("{path}/verification")).token(&by.token).json(&body).send().await);
    let body = json!({"priority": 1});
    tried("resend", server.post(&format!("{path}/verification")).token(&by.token).json(&body).send().await);
    tried("test", server.post(&format!("{path}/test")).token(&by.token).json(&body).send().await);
    let body = json!({"priority": 1, "enabled": false});
    tried("enable", server.put(&format!("{path}/enabled")).token(&by.token).json(&body).send().await);
    tried("delete", server.delete(&format!("{path}?priority=2")).token(&by.token).send().await);
    found
}

const MAY: [(&str, u16); 10] = [
    ("list", 200),
    ("deliveries", 200),
    ("create", 201),
    ("change", 200),
    ("reorder", 200),
    ("verify", 422),
    ("resend", 429),
    ("test", 200),
    ("enable", 200),
    ("delete", 200),
];

#[tokio::test]
async fn roots_and_managers_govern_users_see_and_strangers_find_nothing() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Ops").await;
    let manager = server.member(&ann, &team, "Max", "manager").await;
    let user = server.member(&ann, &team, "Una", "user").await;
    let stranger = server.person("Sam").await;
    server.guest(&ann, &team, &stranger, "user").await;
    let nobody = server.person("Nora").await;

    server.verified_email(&ann, &of_team(&team), "ops@example.com").await;
    assert_eq!(try_all(&server, &ann, &of_team(&team)).await, MAY);
    assert_eq!(try_all(&server, &manager, &of_team(&team)).await, MAY);
    for member in [&user, &stranger] {
        let expected: Vec<_> = MAY
            .iter()
            .map(|(name, status)| {
                (*name, if *name == "list" || *name == "deliveries" { *status } else { 403 })
            })
            .collect();
        assert_eq!(try_all(&server, member, &of_team(&team)).await, expected);
    }
    let nothing: Vec<_> = MAY.iter().map(|(name, _)| (*name, 404)).collect();
    assert_eq!(try_all(&server, &nobody, &of_team(&team)).await, nothing);
}

#[tokio::test]
async fn personal_channels_are_nobody_elses_not_even_a_roots() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Ops").await;
    let user = server.member(&ann, &team, "Una", "user").await;
    server.verified_email(&user, &of(&user), "una.private@example.com").await;
    assert_eq!(try_all(&server, &user, &of(&user)).await, MAY);
    let nothing: Vec<_> = MAY.iter().map(|(name, _)| (*name, 404)).collect();
    assert_eq!(try_all(&server, &ann, &of(&user)).await, nothing);
    assert_eq!(try_all(&server, &ann, "/v1/customer/01890a5d-ac96-774b-bcce-b302099a8057").await, nothing);
    let malformed: Vec<_> = MAY.iter().map(|(name, _)| (*name, 422)).collect();
    assert_eq!(try_all(&server, &ann, "/v1/customer/me").await, malformed);
    assert_eq!(try_all(&server, &ann, "/v1/team/1").await, malformed);
}

#[tokio::test]
async fn secrets_in_a_value_are_shown_to_those_who_may_change_it() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Ops").await;
    let manager = server.member(&ann, &team, "Max", "manager").await;
    let user = server.member(&ann, &team, "Una", "user").await;
    server.verified_webhook(&ann, &of_team(&team), "/hooks/topsecret?key=hidden").await;
    let body = json!({"priority": 1, "value": server.receiver.url("/hooks/nextsecret")});
    server
        .put(&format!("{}/notification-channel", of_team(&team)))
        .token(&ann.token)
        .json(&body)
        .expect(200)
        .await;
    for sees in [&ann, &manager] {
        let row = server.channels(sees, &of_team(&team)).await.remove(0);
        assert_eq!(row["value"], server.receiver.url("/hooks/topsecret?key=hidden"));
        assert_eq!(row["pending_value"], server.receiver.url("/hooks/nextsecret"));
    }
    let row = server.channels(&user, &of_team(&team)).await.remove(0);
    assert_eq!(row["value"], server.receiver.url("/…"));
    assert_eq!(row["pending_value"], server.receiver.url("/…"));
    assert!(!row.to_string().contains("secret"), "{row}");
}

#[tokio::test]
async fn a_verification_of_a_team_says_who_asked_and_for_which_team() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Night watch").await;
    server.add_channel(&ann, &of_team(&team), "webhook", &server.receiver.url("/hook")).await;
    let event = server.receiver.wait_for(1).await.remove(0).json();
    assert_eq!(event["type"], "channel.verification");
    assert_eq!(event["data"]["team"], "Night watch");
    assert_eq!(event["data"]["requested_by"], "Ann Tester");
    assert_eq!(event["data"]["organization"], "Ann Tester");
    assert!(event["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')), "{event}");
    server.add_channel(&ann, &of_team(&team), "email", "ops@example.com").await;
    let mail = server.smtp.wait_for(|mail| mail.to.contains(&"ops@example.com".to_owned())).await;
    let text = mail.text.expect("a text");
    assert!(text.contains("Night watch") && text.contains("Ann Tester"), "{text}");
}

#[tokio::test]
async fn a_plan_limits_the_channels_of_the_whole_organization() {
    let plans = PlansFile::with("notification_channels = 2");
    let server = plans.server().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Ops").await;
    server.add_channel(&ann, &of(&ann), "email", "a@example.com").await;
    server.add_channel(&ann, &of_team(&team), "email", "a@example.com").await;
    let create = |owner: String, body: Value| {
        server.post(&format!("{owner}/notification-channel")).token(&ann.token).json(&body)
    };
    create(of(&ann), json!({"type": "email", "value": "b@example.com"})).refused(409, "limit_reached").await;
    create(of_team(&team), json!({"type": "email", "value": "b@example.com"}))
        .refused(409, "limit_reached")
        .await;
}
