//! Who can no longer be reached: what is said when the last active channel goes, and what a team sees of its members.

use serde_json::{Value, json};

use crate::support::Server;
use crate::support::channels::{of, of_team};
use crate::support::notifications::alert;

#[tokio::test]
async fn who_loses_the_last_active_channel_is_told() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Ops").await;
    for (owner, words) in
        [(of(&ann), "nothing reaches you"), (of_team(&team), "The team Ops has no active channel")]
    {
        server.verified_email(&ann, &owner, "one@example.net").await;
        server.verified_email(&ann, &owner, "two@example.net").await;
        server.add_channel(&ann, &owner, "email", "unproved@example.net").await;
        let enable = |priority: i64, enabled: bool| {
            let request = server.put(&format!("{owner}/notification-channel/enabled")).token(&ann.token);
            request.json(&json!({"priority": priority, "enabled": enabled})).expect(200)
        };
        let delete = |priorities: &str| {
            let path = format!("{owner}/notification-channel?priority={priorities}");
            server.delete(&path).token(&ann.token).expect(200)
        };
        assert!(!enable(1, false).await.text("/message").contains(words));
        let last = enable(2, false).await;
        assert!(last.text("/message").contains(words), "{}", last.body);
        // It was off already: nobody is lost by this.
        assert!(!enable(2, false).await.text("/message").contains(words));
        enable(2, true).await;
        assert!(!delete("3").await.text("/message").contains(words));
        assert!(delete("1,2").await.text("/message").contains(words));
    }
}

#[tokio::test]
async fn a_team_sees_who_can_be_reached_and_when_they_last_were() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Ops").await;
    let una = server.member(&ann, &team, "Una", "user").await;
    let guest = server.person("Gus").await;
    server.guest(&ann, &team, &guest, "user").await;
    let path = format!("/v1/team/{team}/reachability");
    let none = server.get(&path).token(&una.token).expect(200).await;
    assert_eq!(
        none.body["team"],
        json!({"team_id": team, "name": "Ops", "reachable": false, "last_worked_at": null})
    );
    assert_eq!(none.data().len(), 3);
    assert!(
        none.data().iter().all(|member| member["reachable"] == false && member["last_worked_at"].is_null())
    );

    server.verified_email(&una, &of(&una), "una@example.net").await;
    server.verified_email(&guest, &of(&guest), "gus@example.net").await;
    server.verified_email(&ann, &of_team(&team), "ops@example.net").await;
    let before = server.get(&path).token(&ann.token).expect(200).await;
    let reachable: Vec<_> = before.data().iter().map(|member| member["reachable"].clone()).collect();
    assert_eq!(reachable, [json!(false), json!(true), json!(true)]);
    assert_eq!(
        (&before.data()[1]["full_name"], &before.data()[1]["role"]),
        (&json!("Una Tester"), &json!("user"))
    );
    assert_eq!(before.body["team"]["reachable"], true);
    assert!(!String::from_utf8_lossy(&before.bytes).contains("una@example.net"));

    server.advance(std::time::Duration::from_secs(120));
    server.notify(&una, &of(&una), &alert()).await;
    server.log(&una, &of(&una)).await;
    let after = server.get(&path).token(&ann.token).expect(200).await;
    let worked = |answer: &Value| answer["last_worked_at"].as_str().expect("a time").to_owned();
    assert!(worked(&after.data()[1]) > worked(&before.data()[1]));
    assert_eq!(worked(&after.data()[2]), worked(&before.data()[2]));

    let first = server.get(&format!("{path}?limit=2")).token(&una.token).expect(200).await;
    let next = format!("{path}?limit=2&cursor={}", first.text("/next_cursor"));
    let rest = server.get(&next).token(&una.token).expect(200).await;
    assert_eq!((first.data().len(), rest.data().len()), (2, 1));
    assert_eq!(rest.body["next_cursor"], Value::Null);
    let stranger = server.person("Bo").await;
    server.get(&path).token(&stranger.token).refused(404, "not_found").await;
}
