//! Services of teams: made, shown, listed, renamed, deleted, and by whom.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::teams::{NOWHERE, PlansFile};
use crate::support::{Person, Server};

/// A team of Ann's with a manager, a user and a guest who manages, and a stranger.
struct Cast {
    ann: Person,
    team: String,
    manager: Person,
    user: Person,
    guest: Person,
    stranger: Person,
}

async fn cast(server: &Server) -> Cast {
    let (ann, guest, stranger) =
        (server.person("Ann").await, server.person("Gus").await, server.person("Eve").await);
    let team = server.team(&ann, "A").await;
    let manager = server.member(&ann, &team, "Mia", "manager").await;
    let user = server.member(&ann, &team, "Uma", "user").await;
    server.guest(&ann, &team, &guest, "manager").await;
    Cast { ann, team, manager, user, guest, stranger }
}

#[tokio::test]
async fn a_service_belongs_to_a_team_whose_members_see_it() {
    let server = Server::start().await;
    let Cast { ann, team, manager, user, guest, stranger } = cast(&server).await;
    let create = server.post("/v1/service").token(&manager.token);
    let made = create.json(&json!({"name": " Checkout ", "team_id": team})).expect(201).await;
    assert_eq!(made.text("/message"), "The service Checkout is there.");
    let service = &made.body["service"];
    assert_eq!((&service["name"], &service["team_id"]), (&json!("Checkout"), &json!(team)));
    assert_eq!(service["created_at"], service["updated_at"]);
    assert_eq!(service.as_object().map(serde_json::Map::len), Some(5));

    let show = format!("/v1/team-service/{}", made.text("/service/service_id"));
    let mut whole = service.clone();
    whole["team"] = json!({"team_id": team, "name": "A"});
    for person in [&ann, &manager, &user, &guest] {
        let shown = server.get(&show).token(&person.token).expect(200).await;
        assert_eq!(shown.body, whole);
        assert_eq!(
            server.listed(person, &format!("/v1/team/{team}/services")).await,
            std::slice::from_ref(service)
        );
        let unchanged = server.get(&show).token(&person.token).header("if-none-match", shown.header("etag"));
        unchanged.expect(304).await;
    }
    server.get(&show).token(&stranger.token).refused(404, "not_found").await;
    server.get(&format!("/v1/team/{team}/services")).token(&stranger.token).refused(404, "not_found").await;
    server.get(&show).refused(401, "token_missing").await;
    server.get(&format!("/v1/team-service/{NOWHERE}")).token(&ann.token).refused(404, "not_found").await;
    // A team is no service, though it has an id.
    server.get(&format!("/v1/team-service/{team}")).token(&ann.token).refused(404, "not_found").await;
    server.get("/v1/team-service/x").token(&ann.token).refused(422, "id_invalid").await;
}

#[tokio::test]
async fn managers_and_roots_make_services() {
    let server = Server::start().await;
    let Cast { ann, team, manager, user, guest, stranger } = cast(&server).await;
    server.remove(&ann, &team, &ann).expect(200).await;
    let create = |by: &Person, name: &str, team: &str| {
        server.post("/v1/service").token(&by.token).json(&json!({"name": name, "team_id": team}))
    };
    for person in [&ann, &manager, &guest] {
        create(person, &person.customer_id, &team).expect(201).await;
    }
    create(&user, "S", &team).refused(403, "role_insufficient").await;
    create(&stranger, "S", &team).refused(404, "not_found").await;
    create(&ann, "S", NOWHERE).refused(404, "not_found").await;
    // The body is looked at before the team that it names.
    let unseen = json!({"name": "", "team_id": team});
    server.post("/v1/service").token(&stranger.token).json(&unseen).faulty(&["name"]).await;
    let malformed = json!({"name": "x".repeat(101), "team_id": "x", "nmae": 1});
    server.post("/v1/service").token(&ann.token).json(&malformed).faulty(&["name", "team_id", "nmae"]).await;
    server.post("/v1/service").token(&ann.token).json(&json!({})).faulty(&["name", "team_id"]).await;
    server.post("/v1/service").json(&json!({})).refused(401, "token_missing").await;
}

#[tokio::test]
async fn a_name_is_unique_in_its_team_letter_case_aside() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let (team, other) = (server.team(&ann, "A").await, server.team(&ann, "B").await);
    server.service(&ann, &team, "Checkout").await;
    let second = server.service(&ann, &team, "Search").await;
    let create = json!({"name": "CHECKOUT", "team_id": team});
    server.post("/v1/service").token(&ann.token).json(&create).refused(409, "name_taken").await;
    let rename = || server.put(&format!("/v1/service/{second}")).token(&ann.token);
    rename().json(&json!({"name": "checkout"})).refused(409, "name_taken").await;
    rename().json(&json!({"name": "SEARCH"})).expect(200).await;
    server.service(&ann, &other, "Checkout").await;
}

#[tokio::test]
async fn a_service_is_renamed_by_managers_and_roots() {
    let server = Server::start().await;
    let Cast { ann, team, manager, user, guest, stranger } = cast(&server).await;
    let service = server.service(&ann, &team, "S").await;
    let rename = |token: &str, name: &str| {
        server.put(&format!("/v1/service/{service}")).token(token).json(&json!({"name": name}))
    };
    server.advance(Duration::from_secs(60));
    for person in [&manager, &guest, &ann] {
        let renamed = rename(&person.token, &person.customer_id).expect(200).await;
        assert_eq!(renamed.text("/message"), format!("The service is now called {}.", person.customer_id));
        assert_eq!(renamed.body["service"]["name"], json!(person.customer_id));
        assert!(renamed.text("/service/updated_at") > renamed.text("/service/created_at"));
        let listed = server.listed(&user, &format!("/v1/team/{team}/services")).await;
        assert_eq!(listed, [renamed.body["service"].clone()]);
    }
    rename(&user.token, "T").refused(403, "role_insufficient").await;
    rename(&stranger.token, "T").refused(404, "not_found").await;
    rename(&ann.token, " ").faulty(&["name"]).await;
    let moved = json!({"name": "T", "team_id": team});
    server.put(&format!("/v1/service/{service}")).token(&ann.token).json(&moved).faulty(&["team_id"]).await;
    server.put("/v1/service/x").token(&ann.token).json(&moved).refused(422, "id_invalid").await;
    server.put(&format!("/v1/service/{service}")).json(&moved).refused(401, "token_missing").await;
}

#[tokio::test]
async fn a_service_is_deleted_by_managers_and_roots() {
    let server = Server::start().await;
    let Cast { ann, team, manager, user, guest, stranger } = cast(&server).await;
    for (person, name) in [(&manager, "By Mia"), (&guest, "By Gus"), (&ann, "By Ann")] {
        let service = server.service(&ann, &team, name).await;
        let delete = |token: &str| server.delete(&format!("/v1/service/{service}")).token(token);
        delete(&user.token).refused(403, "role_insufficient").await;
        delete(&stranger.token).refused(404, "not_found").await;
        let deleted = delete(&person.token).header("idempotency-key", name.split_at(3).1).expect(200).await;
        assert_eq!(deleted.text("/message"), format!("The service {name} is gone."));
        let again = delete(&person.token).header("idempotency-key", name.split_at(3).1).expect(200).await;
        assert_eq!((again.header("idempotency-replayed"), &again.bytes), ("true", &deleted.bytes));
        delete(&person.token).refused(404, "not_found").await;
        server.get(&format!("/v1/team-service/{service}")).token(&ann.token).refused(404, "not_found").await;
        server.service(&ann, &team, name).await;
    }
    server.delete("/v1/service/x").token(&ann.token).refused(422, "id_invalid").await;
    server.delete(&format!("/v1/service/{NOWHERE}")).refused(401, "token_missing").await;
}

#[tokio::test]
async fn services_are_listed_in_the_order_in_which_they_were_made() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let (team, other) = (server.team(&ann, "A").await, server.team(&ann, "B").await);
    for name in ["C", "A", "B"] {
        server.service(&ann, &team, name).await;
    }
    server.service(&ann, &other, "Elsewhere").await;
    let mut names = Vec::new();
    let mut path = format!("/v1/team/{team}/services?limit=2");
    loop {
        let page = server.get(&path).token(&ann.token).expect(200).await;
        names.extend(page.data().iter().map(|service| service["name"].clone()));
        let Value::String(cursor) = &page.body["next_cursor"] else { break };
        path = format!("/v1/team/{team}/services?limit=2&cursor={cursor}");
        // A cursor belongs to its list.
        let elsewhere = format!("/v1/team/{other}/services?limit=2&cursor={cursor}");
        server.get(&elsewhere).token(&ann.token).faulty(&["cursor"]).await;
    }
    assert_eq!(names, ["C", "A", "B"]);
    server.get(&format!("/v1/team/{team}/services?limit=201")).token(&ann.token).faulty(&["limit"]).await;
}

#[tokio::test]
async fn a_plan_can_limit_the_services_of_an_organization() {
    let plans = PlansFile::with("services = 2");
    let server = plans.server().await;
    let ann = server.person("Ann").await;
    let (team, other) = (server.team(&ann, "A").await, server.team(&ann, "B").await);
    let first = server.service(&ann, &team, "S").await;
    server.service(&ann, &other, "S").await;
    let create = || server.post("/v1/service").token(&ann.token).json(&json!({"name": "T", "team_id": team}));
    let refused = create().refused(409, "limit_reached").await;
    assert!(refused.text("/detail").contains("Your plan allows 2"), "{}", refused.body);
    server.delete(&format!("/v1/service/{first}")).token(&ann.token).expect(200).await;
    create().expect(201).await;
}
