//! Customers: their profile and their name.

use serde_json::{Value, json};

use crate::support::teams::NOWHERE;
use crate::support::{Person, Server};

/// A row of feedback: kind, message, category, rating.
type Kept = (String, String, Option<String>, Option<i64>);

impl Server {
    /// A profile, as somebody sees it.
    async fn profile(&self, by: &Person, of: &Person) -> Value {
        self.get(&format!("/v1/customer/{}", of.customer_id)).token(&by.token).expect(200).await.body
    }
}

#[tokio::test]
async fn a_profile_says_who_somebody_is_and_where_they_belong() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let fresh = server.get("/v1/customer").token(&ann.token).expect(200).await;
    let mut whole = json!({
        "customer_id": ann.customer_id, "email": ann.email, "pending_email": null, "name": "Ann",
        "surname": "Tester", "full_name": "Ann Tester", "role": "root", "team": null, "teams": [],
        "organization": {"name": "Ann Tester", "plan": "developer", "plan_version": "v1", "trial_ends_at": null},
        "limits": {
            "teams": {"used": 0, "max": null}, "team_members": {"used": 0, "max": null},
            "services": {"used": 0, "max": null}, "notification_channels": {"used": 0, "max": null},
        },
    });
    whole["created_at"] = fresh.body["created_at"].clone();
    whole["organization"]["organization_id"] = fresh.body["organization"]["organization_id"].clone();
    assert_eq!(fresh.body, whole);
    assert!(fresh.text("/created_at").ends_with('Z'));
    let (first, second) = (server.team(&ann, "First").await, server.team(&ann, "Second").await);
    let later = server.profile(&ann, &ann).await;
    assert_eq!(later["team"], json!({"team_id": first, "name": "First"}));
    let team = |id: &str, name: &str| json!({"team_id": id, "name": name, "role": "root"});
    assert_eq!(later["teams"], json!([team(&first, "First"), team(&second, "Second")]));
    let again = server.get("/v1/customer").token(&ann.token);
    again.header("if-none-match", fresh.header("etag")).expect(200).await;
}

#[tokio::test]
async fn a_profile_that_did_not_change_is_not_sent_again() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    for path in ["/v1/customer".to_owned(), format!("/v1/customer/{}", ann.customer_id)] {
        let first = server.get(&path).token(&ann.token).expect(200).await;
        server.get(&path).token(&ann.token).header("if-none-match", first.header("etag")).expect(304).await;
    }
}

#[tokio::test]
async fn a_root_sees_every_customer_of_the_organization_and_others_see_themselves() {
    let server = Server::start().await;
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let team = server.team(&ann, "A").await;
    let mia = server.member(&ann, &team, "Mia", "manager").await;
    let uma = server.member(&ann, &team, "Uma", "user").await;
    server.guest(&ann, &team, &gus, "manager").await;
    for person in [&ann, &mia, &uma] {
        assert_eq!(server.profile(&ann, person).await["customer_id"], person.customer_id);
        assert_eq!(server.profile(person, person).await, server.profile(&ann, person).await);
    }
    for (by, of) in [(&mia, &uma), (&uma, &ann), (&gus, &ann), (&ann, &gus), (&gus, &uma)] {
        let path = format!("/v1/customer/{}", of.customer_id);
        let hidden = server.get(&path).token(&by.token).refused(404, "not_found").await;
        let unknown = server.get(&format!("/v1/customer/{NOWHERE}")).token(&by.token);
        let unknown = unknown.refused(404, "not_found").await;
        assert_eq!(hidden.text("/detail"), unknown.text("/detail"));
    }
    server.get("/v1/customer/me").token(&ann.token).refused(422, "id_invalid").await;
    server.get("/v1/customer").refused(401, "token_missing").await;
}

#[tokio::test]
async fn the_role_of_a_profile_is_the_highest_of_any_team() {
    let server = Server::start().await;
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let (team, away) = (server.team(&ann, "A").await, server.team(&gus, "Away").await);
    let mia = server.member(&ann, &team, "Mia", "manager").await;
    let uma = server.member(&ann, &team, "Uma", "user").await;
    let role = async |by: &Person, of: &Person| server.profile(by, of).await["role"].clone();
    assert_eq!(role(&mia, &mia).await, "manager");
    assert_eq!(role(&uma, &uma).await, "user");
    // A guest elsewhere: that is between Uma and the other organization.
    server.guest(&gus, &away, &uma, "manager").await;
    assert_eq!(role(&uma, &uma).await, "manager");
    assert_eq!(server.profile(&uma, &uma).await["teams"].as_array().map(Vec::len), Some(2));
    assert_eq!(role(&ann, &uma).await, "user");
    assert_eq!(server.profile(&ann, &uma).await["teams"].as_array().map(Vec::len), Some(1));
    // Root at home is not root of the team of others.
    server.guest(&gus, &away, &ann, "user").await;
    let own = server.profile(&ann, &ann).await;
    assert_eq!((&own["role"], &own["teams"][1]["role"]), (&json!("root"), &json!("user")));
}

#[tokio::test]
async fn a_customer_changes_name_surname_or_both() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let update = |body: Value| server.patch("/v1/customer").token(&ann.token).json(&body);
    let changed = update(json!({"name": "  Anna "})).expect(200).await;
    assert_eq!(changed.text("/message"), "Your profile is up to date.");
    assert_eq!(changed.text("/customer/full_name"), "Anna Tester");
    assert_eq!(changed.body["customer"], server.profile(&ann, &ann).await);
    let changed = update(json!({"surname": "Archer"})).expect(200).await;
    assert_eq!(changed.text("/customer/full_name"), "Anna Archer");
    let changed = update(json!({"name": "李", "surname": "小龙"})).expect(200).await;
    assert_eq!(changed.text("/customer/full_name"), "李 小龙");
    let long = "x".repeat(101);
    update(json!({"name": " ", "surname": long, "email": "a@example.com"}))
        .faulty(&["name", "surname", "email"])
        .await;
    let neither = update(json!({})).faulty(&["name"]).await;
    assert_eq!(neither.text("/errors/0/code"), "required");
    server.patch("/v1/customer").json(&json!({"name": "X"})).refused(401, "token_missing").await;
}

#[tokio::test]
async fn feedback_is_kept() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let give = |body: Value| server.post("/v1/customer/feedback").token(&ann.token).json(&body);
    let given =
        give(json!({"message": " Nice\r\nwork ", "category": "praise", "rating": 5})).expect(201).await;
    assert!(given.text("/message").contains("Thank you"));
    assert!(given.text("/feedback_id").parse::<uuid::Uuid>().is_ok());
    give(json!({"message": "x".repeat(4000)})).expect(201).await;
    let kept: Vec<Kept> = server
        .app
        .db
        .read(|reader| {
            reader.fetch_all("select kind, message, category, rating from feedback order by feedback_id", ())
        })
        .await
        .map_err(|error: rollcall::db::Error| error)
        .expect("the storage answers");
    assert_eq!(kept[0], ("feedback".into(), "Nice\nwork".into(), Some("praise".into()), Some(5)));
    assert_eq!((&kept[1].2, kept[1].3), (&None, None));
    give(json!({"message": " ", "category": "rant", "rating": 6}))
        .faulty(&["message", "category", "rating"])
        .await;
    give(json!({"message": "x".repeat(4001), "rating": 0})).faulty(&["message", "rating"]).await;
    give(json!({"message": "x", "rating": 2.5})).faulty(&["rating"]).await;
    server.post("/v1/customer/feedback").json(&json!({"message": "x"})).refused(401, "token_missing").await;
}
