//! Teams: made, listed, renamed, deleted, and by whom.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::Server;
use crate::support::channels::of_team;
use crate::support::teams::{NOWHERE, PlansFile, pairs};

#[tokio::test]
async fn a_team_begins_with_its_creator() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let made =
        server.post("/v1/team").token(&ann.token).json(&json!({"name": "  Platform "})).expect(201).await;
    assert_eq!(made.text("/message"), "The team Platform is there.");
    let team = &made.body["team"];
    assert_eq!((&team["name"], &team["member_count"]), (&json!("Platform"), &json!(1)));
    assert!(made.text("/team/created_at").ends_with('Z'));
    let team_id: Uuid = made.text("/team/team_id").parse().expect("a UUID");
    assert_eq!(team_id.get_version_num(), 7);

    let listed = server.listed(&ann, "/v1/teams").await;
    let mut expected = team.clone();
    expected["role"] = json!("root");
    assert_eq!(listed, [expected]);
    assert_eq!(server.roles(&ann, &team_id.to_string()).await, pairs(&[("Ann", "root")]));
}

#[tokio::test]
async fn a_name_is_unique_in_its_organization_letter_case_aside() {
    let server = Server::start().await;
    let (ann, bea) = (server.person("Ann").await, server.person("Bea").await);
    server.team(&ann, "Straße Nord").await;
    let other = server.team(&ann, "Other").await;
    let name = json!({"name": " STRAßE NORD"});
    // As Unicode folds letter case, and whatever stands in between that cannot be seen.
    for same in [" STRAßE NORD", "STRASSE NORD", "Straße\u{200b} Nord"] {
        let same = json!({"name": same});
        server.post("/v1/team").token(&ann.token).json(&same).refused(409, "name_taken").await;
    }
    let rename = || server.put(&format!("/v1/team/{other}")).token(&ann.token);
    rename().json(&name).refused(409, "name_taken").await;
    rename().json(&json!({"name": "OTHER"})).expect(200).await;
    server.post("/v1/team").token(&bea.token).json(&name).expect(201).await;
}

#[tokio::test]
async fn a_name_has_1_to_100_characters_on_one_line() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let longest = "ß".repeat(100);
    let too_long = "x".repeat(101);
    for name in [json!(""), json!("  "), json!(too_long), json!("a\nb"), json!(7), Value::Null] {
        let body = json!({"name": name});
        server.post("/v1/team").token(&ann.token).json(&body).faulty(&["name"]).await;
        server.put(&format!("/v1/team/{team}")).token(&ann.token).json(&body).faulty(&["name"]).await;
    }
    let body = json!({"nmae": "A", "size": 3});
    server.post("/v1/team").token(&ann.token).json(&body).faulty(&["name", "nmae", "size"]).await;
    let body = json!({"name": longest});
    let renamed = server.put(&format!("/v1/team/{team}")).token(&ann.token).json(&body).expect(200).await;
    assert_eq!(renamed.text("/team/name"), longest);
}

#[tokio::test]
async fn roots_and_managers_of_any_team_at_home_make_teams() {
    let server = Server::start().await;
    let (ann, cyd) = (server.person("Ann").await, server.person("Cyd").await);
    let team = server.team(&ann, "A").await;
    let manager = server.member(&ann, &team, "Mia", "manager").await;
    let user = server.member(&ann, &team, "Uma", "user").await;
    let create = |token: &str, name: &str| server.post("/v1/team").token(token).json(&json!({"name": name}));
    create(&manager.token, "Mia's").expect(201).await;
    create(&user.token, "Uma's").refused(403, "role_insufficient").await;
    // What the body says is not looked at before.
    server.post("/v1/team").token(&user.token).raw("{").refused(403, "role_insufficient").await;

    // To manage a team elsewhere gives no right at home, and makes the team of who is root there one's own.
    let elsewhere = server.team(&cyd, "C").await;
    server.guest(&cyd, &elsewhere, &user, "manager").await;
    create(&user.token, "Uma's").refused(403, "role_insufficient").await;
    server.guest(&ann, &team, &cyd, "manager").await;
    create(&cyd.token, "Mia's").expect(201).await;
    let names = |teams: Vec<Value>| teams.iter().map(|team| team["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names(server.listed(&ann, "/v1/teams").await), ["A", "Mia's"]);
    assert_eq!(names(server.listed(&cyd, "/v1/teams").await), ["A", "C", "Mia's"]);
}

#[tokio::test]
async fn everybody_lists_the_teams_they_belong_to_and_a_root_all_of_the_organization() {
    let server = Server::start().await;
    let (ann, guest) = (server.person("Ann").await, server.person("Gus").await);
    let first = server.team(&ann, "First").await;
    let mia = server.member(&ann, &first, "Mia", "manager").await;
    let second = server.team(&mia, "Second").await;
    server.guest(&mia, &second, &guest, "user").await;
    let own = server.team(&guest, "Own").await;

    let seen = async |by| {
        let teams = server.listed(by, "/v1/teams").await;
        let row = |team: &Value| {
            (team["team_id"].clone(), team["role"].clone(), team["member_count"].as_i64().expect("a number"))
        };
        teams.iter().map(row).collect::<Vec<_>>()
    };
    let row = |team: &str, role: &str, count: i64| (json!(team), json!(role), count);
    assert_eq!(seen(&ann).await, [row(&first, "root", 2), row(&second, "root", 2)]);
    assert_eq!(seen(&mia).await, [row(&first, "manager", 2), row(&second, "manager", 2)]);
    // Root at home, but a user where a guest.
    assert_eq!(seen(&guest).await, [row(&second, "user", 2), row(&own, "root", 1)]);

    let page = server.get("/v1/teams?limit=1").token(&guest.token).expect(200).await;
    assert_eq!(page.data()[0]["team_id"], json!(second));
    let next = format!("/v1/teams?limit=1&cursor={}", page.text("/next_cursor"));
    let page = server.get(&next).token(&guest.token).expect(200).await;
    assert_eq!((&page.data()[0]["team_id"], &page.body["next_cursor"]), (&json!(own), &Value::Null));
    server.get(&next).token(&mia.token).faulty(&["cursor"]).await;
}

#[tokio::test]
async fn a_team_is_renamed_by_its_managers_and_by_roots() {
    let server = Server::start().await;
    let (ann, gus, eve) =
        (server.person("Ann").await, server.person("Gus").await, server.person("Eve").await);
    let team = server.team(&ann, "A").await;
    let mia = server.member(&ann, &team, "Mia", "manager").await;
    let uma = server.member(&ann, &team, "Uma", "user").await;
    server.guest(&ann, &team, &gus, "manager").await;
    server.remove(&ann, &team, &ann).expect(200).await;

    let path = format!("/v1/team/{team}");
    let rename = |token: &str, name: &str| server.put(&path).token(token).json(&json!({"name": name}));
    let renamed = rename(&mia.token, "B").expect(200).await;
    assert_eq!(renamed.text("/message"), "The team is now called B.");
    assert_eq!(renamed.body["team"]["member_count"], 3);
    rename(&gus.token, "C").expect(200).await;
    rename(&ann.token, "D").expect(200).await;
    rename(&uma.token, "E").refused(403, "role_insufficient").await;
    rename(&eve.token, "E").refused(404, "not_found").await;
    assert_eq!(server.listed(&ann, "/v1/teams").await[0]["name"], "D");

    let nowhere = format!("/v1/team/{NOWHERE}");
    server.put(&nowhere).token(&ann.token).json(&json!({"name": "E"})).refused(404, "not_found").await;
    server.put("/v1/team/7").token(&ann.token).json(&json!({"name": "E"})).refused(422, "id_invalid").await;
    server.put(&path).json(&json!({"name": "E"})).refused(401, "token_missing").await;
}

#[tokio::test]
async fn a_deleted_team_takes_its_invitations_and_channels_along_and_leaves_its_members() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let mia = server.member(&ann, &team, "Mia", "manager").await;
    let token = server.invite(&ann, &team, "new@example.com", "user").await;
    server.verified_email(&ann, &of_team(&team), "ops@example.com").await;
    server.add_channel(&ann, &of_team(&team), "email", "unproved@example.com").await;

    let deleted = server.delete(&format!("/v1/team/{team}")).token(&mia.token).expect(200).await;
    assert_eq!(deleted.text("/message"), "The team A is gone. Its members stay customers.");
    for path in ["members", "invitations", "services", "notification-channels"] {
        let path = format!("/v1/team/{team}/{path}");
        server.get(&path).token(&ann.token).refused(404, "not_found").await;
    }
    let preview = server.post("/v1/invitation/preview").json(&json!({"token": token}));
    preview.refused(404, "not_found").await;
    let mia = server.sign_in(&mia.email, &mia.password).await;
    assert!(server.listed(&mia, "/v1/teams").await.is_empty());
    // Who managed that team alone makes no more teams.
    let create = server.post("/v1/team").token(&mia.token).json(&json!({"name": "B"}));
    create.refused(403, "role_insufficient").await;
    server.team(&ann, "A").await;

    let id: Uuid = team.parse().expect("a UUID");
    let left: i64 = server
        .app
        .db
        .read(move |reader| {
            let (count,) = reader.fetch_one(
                "select (select count(*) from directory where id = $1)
                      + (select count(*) from membership where team_id = $1)
                      + (select count(*) from invitation where team_id = $1)
                      + (select count(*) from notification_channel where team_id = $1)
                      + (select count(*) from one_time_code)",
                (id,),
            )?;
            Ok::<_, rollcall::db::Error>(count)
        })
        .await
        .expect("a count");
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_team_that_owns_services_stays() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let service = server.service(&ann, &team, "Checkout").await;
    let delete = || server.delete(&format!("/v1/team/{team}")).token(&ann.token);
    delete().refused(409, "team_has_services").await;
    assert_eq!(server.roles(&ann, &team).await, pairs(&[("Ann", "root")]));
    server.delete(&format!("/v1/service/{service}")).token(&ann.token).expect(200).await;
    delete().expect(200).await;
    delete().refused(404, "not_found").await;
}

#[tokio::test]
async fn a_team_is_deleted_by_its_managers_and_by_roots_alone() {
    let server = Server::start().await;
    let (ann, gus, eve) =
        (server.person("Ann").await, server.person("Gus").await, server.person("Eve").await);
    let team = server.team(&ann, "A").await;
    let uma = server.member(&ann, &team, "Uma", "user").await;
    server.guest(&ann, &team, &gus, "manager").await;
    let delete = |token: &str| server.delete(&format!("/v1/team/{team}")).token(token);
    delete(&eve.token).refused(404, "not_found").await;
    delete(&uma.token).refused(403, "role_insufficient").await;
    server.delete(&format!("/v1/team/{team}")).refused(401, "token_missing").await;
    server.delete("/v1/team/x").token(&ann.token).refused(422, "id_invalid").await;
    delete(&gus.token).expect(200).await;
}

#[tokio::test]
async fn a_delete_that_is_repeated_under_its_key_gets_its_answer_again() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let delete = |key: &str| {
        server.delete(&format!("/v1/team/{team}")).token(&ann.token).header("idempotency-key", key)
    };
    let first = delete("k").expect(200).await;
    let again = delete("k").expect(200).await;
    assert_eq!((again.header("idempotency-replayed"), &again.bytes), ("true", &first.bytes));
    delete("l").refused(404, "not_found").await;
}

#[tokio::test]
async fn a_plan_can_limit_the_teams_of_an_organization() {
    let plans = PlansFile::with("teams = 1");
    let server = plans.server().await;
    let (ann, bea) = (server.person("Ann").await, server.person("Bea").await);
    let team = server.team(&ann, "A").await;
    let create = || server.post("/v1/team").token(&ann.token).json(&json!({"name": "B"}));
    let refused = create().refused(409, "limit_reached").await;
    assert!(refused.text("/detail").contains("Your plan allows 1"), "{}", refused.body);
    server.team(&bea, "B").await;
    server.delete(&format!("/v1/team/{team}")).token(&ann.token).expect(200).await;
    create().expect(201).await;
}
