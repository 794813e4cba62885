//! Organizations: their name, what they use of their plan, and what plans allow.

use serde_json::json;

use crate::support::Server;
use crate::support::channels::of;
use crate::support::teams::PlansFile;

#[tokio::test]
async fn a_root_renames_the_organization_and_nobody_else_does() {
    let server = Server::start().await;
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let team = server.team(&ann, "A").await;
    let mia = server.member(&ann, &team, "Mia", "manager").await;
    server.guest(&ann, &team, &gus, "manager").await;
    let rename =
        |token: &str, name: &str| server.patch("/v1/organization").token(token).json(&json!({"name": name}));
    let renamed = rename(&ann.token, "  Acme Ltd ").expect(200).await;
    assert_eq!(renamed.text("/message"), "Your organization is now called Acme Ltd.");
    let mut whole = json!({
        "name": "Acme Ltd", "plan": "developer", "plan_version": "v1", "trial_ends_at": null,
    });
    whole["organization_id"] = renamed.body["organization"]["organization_id"].clone();
    assert_eq!(renamed.body["organization"], whole);
    rename(&mia.token, "Mine").refused(403, "role_insufficient").await;
    // Refused before the body is looked at.
    rename(&mia.token, "").refused(403, "role_insufficient").await;
    rename(&ann.token, " ").faulty(&["name"]).await;
    // A guest who manages a team there renames nothing but what is at home.
    rename(&gus.token, "Gus Inc").expect(200).await;
    for person in [&ann, &mia] {
        let profile = server.get("/v1/customer").token(&person.token).expect(200).await;
        assert_eq!(profile.body["organization"], whole);
    }
    server.patch("/v1/organization").json(&json!({"name": "X"})).refused(401, "token_missing").await;
}

#[tokio::test]
async fn usage_counts_what_there_is_against_the_plan() {
    let plans = PlansFile::with("teams = 3, team_members = 5, services = 20");
    let server = plans.server().await;
    let ann = server.person("Ann").await;
    let used = |body: &serde_json::Value| {
        ["teams", "team_members", "services", "notification_channels"].map(|key| {
            (body["limits"][key]["used"].as_i64().expect("a number"), body["limits"][key]["max"].clone())
        })
    };
    let usage = server.get("/v1/org/usage").token(&ann.token).expect(200).await;
    let max = [json!(3), json!(5), json!(20), json!(null)];
    assert_eq!(used(&usage.body).map(|(_, max)| max), max);
    assert_eq!(used(&usage.body).map(|(used, _)| used), [0, 0, 0, 0]);

    let (team, other) = (server.team(&ann, "A").await, server.team(&ann, "B").await);
    let uma = server.member(&ann, &team, "Uma", "user").await;
    server.member(&ann, &team, "Vic", "user").await;
    server.service(&ann, &other, "API").await;
    server.add_channel(&uma, &of(&uma), "email", "uma@example.com").await;
    for person in [&ann, &uma] {
        let usage = server.get("/v1/org/usage").token(&person.token).expect(200).await;
        assert_eq!(used(&usage.body).map(|(used, _)| used), [2, 3, 1, 1]);
        assert_eq!((usage.text("/plan"), usage.text("/plan_version")), ("developer".into(), "v1".into()));
        let profile = server.get("/v1/customer").token(&person.token).expect(200).await;
        assert_eq!(profile.body["limits"], usage.body["limits"]);
        assert_eq!(profile.text("/organization/organization_id"), usage.text("/organization_id"));
    }
    server.get("/v1/org/usage").refused(401, "token_missing").await;
}

#[tokio::test]
async fn the_limits_of_a_plan_are_shown_to_every_customer() {
    let plans = PlansFile::with("teams = 3");
    let server = plans.server().await;
    let ann = server.person("Ann").await;
    let shown = server.get("/v1/plan/developer/v1/limits").token(&ann.token).expect(200).await;
    let limit = |key: &str, title: &str, value| json!({"key": key, "title": title, "value": value});
    assert_eq!(
        shown.body,
        json!({"plan": "developer", "version": "v1", "limits": [
            limit("teams", "Teams", Some(3)),
            limit("team_members", "Members of a team", None),
            limit("services", "Services", None),
            limit("notification_channels", "Notification channels", None),
        ]})
    );
    let unchanged = server.get("/v1/plan/developer/v1/limits").token(&ann.token);
    unchanged.header("if-none-match", shown.header("etag")).expect(304).await;
    for unknown in ["developer/v2", "enterprise/v1", "developer/%ff", "a%20b/%2e%2e"] {
        let path = format!("/v1/plan/{unknown}/limits");
        server.get(&path).token(&ann.token).refused(404, "not_found").await;
    }
    server.get("/v1/plan/developer/v1/limits").refused(401, "token_missing").await;
}
