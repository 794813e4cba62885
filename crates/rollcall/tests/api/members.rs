//! Members: listed, changed, moved, removed, and by whom.

use serde_json::{Value, json};

use crate::support::teams::{NOWHERE, PlansFile, member_path, pairs};
use crate::support::{Person, Server};

#[tokio::test]
async fn members_are_listed_in_the_order_in_which_they_joined() {
    let server = Server::start().await;
    let (ann, gus, eve) =
        (server.person("Ann").await, server.person("Gus").await, server.person("Eve").await);
    let team = server.team(&ann, "A").await;
    let uma = server.member(&ann, &team, "Uma", "user").await;
    server.guest(&ann, &team, &gus, "manager").await;
    let path = format!("/v1/team/{team}/members");
    let members = server.listed(&uma, &path).await;
    let expected =
        [("Ann", "ann", &ann, "root"), ("Uma", "uma", &uma, "user"), ("Gus", "gus", &gus, "manager")];
    assert_eq!(members.len(), expected.len());
    for (member, (name, local, person, role)) in members.iter().zip(expected) {
        let mut whole = json!({
            "customer_id": person.customer_id, "email": format!("{local}@example.com"), "name": name,
            "surname": "Tester", "full_name": format!("{name} Tester"), "role": role,
        });
        whole["joined_at"] = member["joined_at"].clone();
        assert_eq!(*member, whole);
        assert!(member["joined_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{member}");
    }
    for person in [&ann, &gus] {
        assert_eq!(server.listed(person, &path).await, members);
    }
    server.get(&path).token(&eve.token).refused(404, "not_found").await;
    server.get(&path).refused(401, "token_missing").await;
    server.get("/v1/team/x/members").token(&ann.token).refused(422, "id_invalid").await;

    let page = server.get(&format!("{path}?limit=2")).token(&ann.token).expect(200).await;
    assert_eq!(page.data()[..], members[..2]);
    let next = format!("{path}?cursor={}", page.text("/next_cursor"));
    let page = server.get(&next).token(&ann.token).expect(200).await;
    assert_eq!((page.data(), &page.body["next_cursor"]), (&members[2..].to_vec(), &Value::Null));
    server.get(&format!("{path}?limit=0&cursor=x")).token(&ann.token).faulty(&["limit", "cursor"]).await;
}

#[tokio::test]
async fn a_member_may_always_leave() {
    let server = Server::start().await;
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let team = server.team(&ann, "A").await;
    let uma = server.member(&ann, &team, "Uma", "user").await;
    server.guest(&ann, &team, &gus, "user").await;
    for person in [&uma, &gus] {
        let left = server.remove(person, &team, person).header("idempotency-key", "k").expect(200).await;
        assert_eq!(left.text("/message"), "You have left A.");
        server.get(&format!("/v1/team/{team}/members")).token(&person.token).expect(404).await;
        let again = server.remove(person, &team, person).header("idempotency-key", "k").expect(200).await;
        assert_eq!((again.header("idempotency-replayed"), &again.bytes), ("true", &left.bytes));
        server.remove(person, &team, person).refused(404, "not_found").await;
    }
    // They stay customers.
    server.sign_in(&uma.email, &uma.password).await;
}

#[tokio::test]
async fn a_root_who_leaves_a_team_stays_root_and_governs_it() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    server.member(&ann, &team, "Uma", "user").await;
    server.remove(&ann, &team, &ann).expect(200).await;
    assert_eq!(server.roles(&ann, &team).await, pairs(&[("Uma", "user")]));
    let teams = server.listed(&ann, "/v1/teams").await;
    assert_eq!((&teams[0]["role"], &teams[0]["member_count"]), (&json!("root"), &json!(1)));
    server.remove(&ann, &team, &ann).refused(404, "not_found").await;
    server.put(&format!("/v1/team/{team}")).token(&ann.token).json(&json!({"name": "B"})).expect(200).await;
}

#[tokio::test]
async fn managers_and_roots_remove_members_and_a_root_alone_removes_a_root() {
    let server = Server::start().await;
    let (ann, gus, eve) =
        (server.person("Ann").await, server.person("Gus").await, server.person("Eve").await);
    let team = server.team(&ann, "A").await;
    let mia = server.member(&ann, &team, "Mia", "manager").await;
    let uma = server.member(&ann, &team, "Uma", "user").await;
    let bob = server.another_root(&ann, &team, "Bob").await;
    server.guest(&ann, &team, &gus, "manager").await;

    server.remove(&eve, &team, &uma).refused(404, "not_found").await;
    server.remove(&uma, &team, &mia).refused(403, "role_insufficient").await;
    server.remove(&uma, &team, &bob).refused(403, "role_insufficient").await;
    server.remove(&mia, &team, &bob).refused(403, "role_insufficient").await;
    server.remove(&gus, &team, &ann).refused(403, "role_insufficient").await;
    // Unknown comes before forbidden.
    server.remove(&uma, &team, &eve).refused(404, "not_found").await;
    server.remove(&mia, &team, &eve).refused(404, "not_found").await;
    server.delete(&member_path(&team, &uma)).refused(401, "token_missing").await;
    let nobody = format!("/v1/team/{team}/member/me");
    server.delete(&nobody).token(&ann.token).refused(422, "id_invalid").await;

    let removed = server.remove(&gus, &team, &mia).header("idempotency-key", "k").expect(200).await;
    assert_eq!(removed.text("/message"), "Mia Tester is no longer a member of A.");
    let again = server.remove(&gus, &team, &mia).header("idempotency-key", "k").expect(200).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    server.remove(&ann, &team, &bob).expect(200).await;
    server.remove(&ann, &team, &gus).expect(200).await;
    // What a key answered is no answer for whoever has lost the right.
    let lost = server.remove(&gus, &team, &mia).header("idempotency-key", "k");
    lost.refused(404, "not_found").await;
    assert_eq!(server.roles(&ann, &team).await, pairs(&[("Ann", "root"), ("Uma", "user")]));
    // Removed from the team, Bob is still a root of the organization.
    assert_eq!(server.listed(&bob, "/v1/teams").await[0]["role"], "root");
}

#[tokio::test]
async fn a_role_is_given_in_the_team_alone() {
    let server = Server::start().await;
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let (team, other) = (server.team(&ann, "A").await, server.team(&ann, "B").await);
    let uma = server.member(&ann, &team, "Uma", "user").await;
    server.guest(&ann, &other, &uma, "user").await;
    server.guest(&ann, &team, &gus, "user").await;
    for (person, name) in [(&uma, "Uma"), (&gus, "Gus")] {
        let changed = server.change(&ann, &team, person, &json!({"role": "manager"})).expect(200).await;
        assert_eq!(changed.text("/message"), format!("{name} Tester is now a manager of A."));
        let member = &changed.body["member"];
        let listed = server.listed(&ann, &format!("/v1/team/{team}/members")).await;
        assert!(listed.contains(member), "{member} in {listed:?}");
        assert_eq!(member["role"], "manager");
    }
    let same = server.change(&uma, &team, &gus, &json!({"role": "manager"})).expect(200).await;
    assert_eq!(same.text("/message"), "Gus Tester is a manager of A already: nothing has changed.");
    assert_eq!(server.roles(&ann, &other).await, pairs(&[("Ann", "root"), ("Uma", "user")]));
    server.change(&gus, &team, &uma, &json!({"role": "user"})).expect(200).await;
    // A manager may step down.
    let down = server.change(&gus, &team, &gus, &json!({"role": "user"})).expect(200).await;
    assert_eq!(down.text("/message"), "Gus Tester is now a user of A.");
    server.change(&gus, &team, &uma, &json!({"role": "user"})).refused(403, "role_insufficient").await;
}

#[tokio::test]
async fn root_is_given_and_taken_by_a_root_alone_and_shows_in_every_team() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let (team, other) = (server.team(&ann, "A").await, server.team(&ann, "B").await);
    let mia = server.member(&ann, &team, "Mia", "manager").await;
    let uma = server.member(&ann, &team, "Uma", "user").await;
    server.guest(&ann, &other, &uma, "user").await;

    let to_root = json!({"role": "root"});
    server.change(&mia, &team, &uma, &to_root).refused(403, "role_insufficient").await;
    server.change(&mia, &team, &mia, &to_root).refused(403, "role_insufficient").await;
    server.change(&uma, &team, &uma, &to_root).refused(403, "role_insufficient").await;
    server.change(&mia, &team, &ann, &json!({"role": "user"})).refused(403, "role_insufficient").await;
    // Who is root in the path is looked at before the body.
    let broken = server.patch(&member_path(&team, &ann)).token(&mia.token).raw("{");
    broken.refused(403, "role_insufficient").await;

    let made = server.change(&ann, &team, &uma, &to_root).expect(200).await;
    assert_eq!(made.text("/message"), "Uma Tester is now a root of the organization.");
    assert_eq!(made.text("/member/role"), "root");
    assert_eq!(server.roles(&ann, &other).await, pairs(&[("Ann", "root"), ("Uma", "root")]));
    assert_eq!(server.listed(&uma, "/v1/teams").await.len(), 2);

    let unmade = server.change(&uma, &team, &ann, &json!({"role": "user"})).expect(200).await;
    assert_eq!(unmade.text("/member/role"), "user");
    // In the other team Ann is what she was as a member: its creator, who manages it.
    assert_eq!(server.roles(&uma, &other).await, pairs(&[("Ann", "manager"), ("Uma", "root")]));
    server.change(&ann, &team, &uma, &json!({"role": "user"})).refused(403, "role_insufficient").await;
}

#[tokio::test]
async fn the_last_root_stays_root() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let (team, other) = (server.team(&ann, "A").await, server.team(&ann, "B").await);
    let bob = server.another_root(&ann, &team, "Bob").await;
    server.change(&ann, &team, &bob, &json!({"role": "manager"})).expect(200).await;
    for role in ["manager", "user"] {
        let refused =
            server.change(&ann, &team, &ann, &json!({"role": role})).refused(409, "last_root").await;
        assert!(refused.text("/detail").contains("Make another customer root first"), "{}", refused.body);
    }
    // Neither the one nor the other.
    let both = json!({"role": "user", "new_team_id": other});
    server.change(&ann, &team, &ann, &both).refused(409, "last_root").await;
    assert_eq!(server.roles(&ann, &team).await, pairs(&[("Ann", "root"), ("Bob", "manager")]));
}

#[tokio::test]
async fn a_guest_is_never_root() {
    let server = Server::start().await;
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let team = server.team(&ann, "A").await;
    let mia = server.member(&ann, &team, "Mia", "manager").await;
    server.guest(&ann, &team, &gus, "user").await;
    let to_root = json!({"role": "root"});
    server.change(&ann, &team, &gus, &to_root).refused(409, "guest_cannot_be_root").await;
    server.change(&mia, &team, &gus, &to_root).refused(403, "role_insufficient").await;
    assert_eq!(server.roles(&ann, &team).await.last(), pairs(&[("Gus", "user")]).last());
}

#[tokio::test]
async fn a_move_keeps_the_role_unless_one_is_given() {
    let server = Server::start().await;
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let (team, other) = (server.team(&ann, "A").await, server.team(&ann, "B").await);
    let mia = server.member(&ann, &team, "Mia", "manager").await;
    server.guest(&ann, &team, &gus, "user").await;
    let to = json!({"new_team_id": other});
    let moved = server.change(&ann, &team, &mia, &to).header("idempotency-key", "k").expect(200).await;
    assert_eq!(moved.text("/message"), "Mia Tester has moved to B and is a manager there.");
    assert_eq!(moved.text("/member/role"), "manager");
    assert!(server.listed(&ann, &format!("/v1/team/{other}/members")).await.contains(&moved.body["member"]));
    let again = server.change(&ann, &team, &mia, &to).header("idempotency-key", "k").expect(200).await;
    assert_eq!((again.header("idempotency-replayed"), &again.bytes), ("true", &moved.bytes));
    server.change(&ann, &team, &mia, &to).refused(404, "not_found").await;

    let both = json!({"new_team_id": other, "role": "manager"});
    let moved = server.change(&ann, &team, &gus, &both).expect(200).await;
    assert_eq!(moved.text("/member/role"), "manager");
    let moved = server.change(&ann, &team, &ann, &to).refused(409, "already_member").await;
    assert!(moved.text("/detail").contains("member of the team already"), "{}", moved.body);
    server.remove(&ann, &other, &ann).expect(200).await;
    let moved = server.change(&ann, &team, &ann, &to).expect(200).await;
    assert_eq!(moved.text("/message"), "Ann Tester has moved to B, as a root of the organization.");
    assert_eq!(server.roles(&ann, &team).await, []);
    let there = [("Mia", "manager"), ("Gus", "manager"), ("Ann", "root")];
    assert_eq!(server.roles(&ann, &other).await, pairs(&there));
}

#[tokio::test]
async fn a_move_happens_whole_or_not_at_all() {
    let server = Server::start().await;
    let (ann, gus) = (server.person("Ann").await, server.person("Gus").await);
    let (team, other) = (server.team(&ann, "A").await, server.team(&ann, "B").await);
    server.guest(&ann, &team, &gus, "user").await;
    server.guest(&ann, &other, &gus, "user").await;
    for (change, code) in [
        (json!({"role": "manager", "new_team_id": other}), "already_member"),
        (json!({"role": "root", "new_team_id": other}), "guest_cannot_be_root"),
    ] {
        server.change(&ann, &team, &gus, &change).refused(409, code).await;
        for team in [&team, &other] {
            assert_eq!(server.roles(&ann, team).await, pairs(&[("Ann", "root"), ("Gus", "user")]));
        }
    }
    // The team of the path is no move.
    let change = json!({"role": "manager", "new_team_id": team});
    let changed = server.change(&ann, &team, &gus, &change).expect(200).await;
    assert_eq!(changed.text("/message"), "Gus Tester is now a manager of A.");
    let same = server.change(&ann, &team, &gus, &json!({"new_team_id": team})).expect(200).await;
    assert_eq!(same.text("/message"), "Gus Tester is a manager of A already: nothing has changed.");
}

#[tokio::test]
async fn a_move_takes_the_right_in_both_teams_and_stays_in_the_organization() {
    let server = Server::start().await;
    let (ann, cyd) = (server.person("Ann").await, server.person("Cyd").await);
    let (team, other) = (server.team(&ann, "A").await, server.team(&ann, "B").await);
    let hidden = server.team(&ann, "C").await;
    let mia = server.member(&ann, &team, "Mia", "manager").await;
    let uma = server.member(&ann, &team, "Uma", "user").await;
    server.guest(&ann, &other, &mia, "user").await;
    let elsewhere = server.team(&cyd, "D").await;
    server.guest(&cyd, &elsewhere, &mia, "manager").await;
    server.guest(&cyd, &elsewhere, &ann, "manager").await;

    let to = |team: &str| json!({"new_team_id": team});
    server.change(&mia, &team, &uma, &to(&other)).refused(403, "role_insufficient").await;
    for (by, unseen) in
        [(&mia, hidden.clone()), (&mia, elsewhere.clone()), (&ann, elsewhere), (&ann, NOWHERE.to_owned())]
    {
        server.change(by, &team, &uma, &to(&unseen)).refused(404, "not_found").await;
    }
    server.change(&uma, &team, &uma, &to(&other)).refused(403, "role_insufficient").await;
    // One who governs the other team alone has no right in the first.
    let nia = server.member(&ann, &other, "Nia", "manager").await;
    server.guest(&ann, &team, &nia, "user").await;
    server.change(&nia, &team, &uma, &to(&other)).refused(403, "role_insufficient").await;

    server.change(&ann, &other, &mia, &json!({"role": "manager"})).expect(200).await;
    server.change(&mia, &team, &uma, &to(&other)).expect(200).await;
    server.change(&mia, &other, &uma, &to(&team)).expect(200).await;
}

#[tokio::test]
async fn what_is_wrong_with_a_change_is_named() {
    let server = Server::start().await;
    let (ann, eve) = (server.person("Ann").await, server.person("Eve").await);
    let team = server.team(&ann, "A").await;
    let uma = server.member(&ann, &team, "Uma", "user").await;
    server.change(&ann, &team, &uma, &json!({})).faulty(&["role"]).await;
    server.change(&ann, &team, &uma, &json!({"role": null, "new_team_id": null})).faulty(&["role"]).await;
    let faulty = json!({"role": "owner", "new_team_id": "x", "team": 1});
    server.change(&ann, &team, &uma, &faulty).faulty(&["role", "new_team_id", "team"]).await;
    let change = json!({"role": "user"});
    server.change(&ann, &team, &eve, &change).refused(404, "not_found").await;
    server.change(&uma, &team, &eve, &change).refused(404, "not_found").await;
    server.change(&eve, &team, &uma, &change).refused(404, "not_found").await;
    server.patch(&member_path(&team, &uma)).json(&change).refused(401, "token_missing").await;
    server.patch("/v1/team/x/member/y").token(&ann.token).json(&change).refused(422, "id_invalid").await;
}

#[tokio::test]
async fn a_plan_can_limit_the_members_of_a_team() {
    let plans = PlansFile::with("team_members = 2");
    let server = plans.server().await;
    let ann = server.person("Ann").await;
    let (team, full) = (server.team(&ann, "A").await, server.team(&ann, "B").await);
    let uma = server.member(&ann, &team, "Uma", "user").await;
    server.member(&ann, &full, "Bob", "user").await;
    let to = json!({"new_team_id": full});
    server.change(&ann, &team, &uma, &to).refused(409, "limit_reached").await;
    server.remove(&ann, &full, &ann).expect(200).await;
    server.change(&ann, &team, &uma, &to).expect(200).await;
}

/// What an invitation's link shows.
async fn status(server: &Server, token: &str) -> String {
    let preview = server.post("/v1/invitation/preview").json(&json!({"token": token})).expect(200).await;
    preview.text("/invitation/status")
}

/// A manager who has invited somebody, with the link's token.
async fn inviter(server: &Server, root: &Person, team: &str, name: &str) -> (Person, String) {
    let manager = server.member(root, team, name, "manager").await;
    let address = format!("by-{}@example.com", name.to_lowercase());
    let token = server.invite(&manager, team, &address, "user").await;
    (manager, token)
}

#[tokio::test]
async fn invitations_end_with_their_senders_right_to_invite() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let (team, other) = (server.team(&ann, "A").await, server.team(&ann, "B").await);
    let kept = server.invite(&ann, &team, "by-ann@example.com", "user").await;
    let (leaves, by_leaving) = inviter(&server, &ann, &team, "Lea").await;
    let (removed, by_removed) = inviter(&server, &ann, &team, "Rob").await;
    let (demoted, by_demoted) = inviter(&server, &ann, &team, "Dan").await;
    let (moved, by_moved) = inviter(&server, &ann, &team, "Mo").await;
    let (promoted, by_promoted) = inviter(&server, &ann, &team, "Pam").await;
    server.remove(&leaves, &team, &leaves).expect(200).await;
    server.remove(&ann, &team, &removed).expect(200).await;
    server.change(&ann, &team, &demoted, &json!({"role": "user"})).expect(200).await;
    server.change(&ann, &team, &moved, &json!({"new_team_id": other})).expect(200).await;
    for token in [by_leaving, by_removed, by_demoted, by_moved] {
        assert_eq!(status(&server, &token).await, "withdrawn");
        let accept = json!({"token": token, "name": "N", "surname": "T", "password": "violet-harbour-71"});
        server.post("/v1/invitation/accept").json(&accept).refused(409, "invitation_not_pending").await;
    }

    // A root has the right in every team, a member or not.
    server.change(&ann, &team, &promoted, &json!({"role": "root"})).expect(200).await;
    server.remove(&promoted, &team, &promoted).expect(200).await;
    assert_eq!(status(&server, &by_promoted).await, "pending");
    assert_eq!(status(&server, &kept).await, "pending");
    // Unmade, Ann goes on managing the team, and her invitation stays; in the other one she is a user.
    let elsewhere = server.invite(&ann, &other, "by-ann@example.com", "user").await;
    server.change(&promoted, &other, &ann, &json!({"role": "user"})).expect(200).await;
    assert_eq!(
        (status(&server, &kept).await, status(&server, &elsewhere).await),
        ("pending".into(), "withdrawn".into())
    );
    let pending = server.listed(&ann, &format!("/v1/team/{team}/invitations")).await;
    let senders: Vec<_> = pending
        .iter()
        .filter(|invitation| invitation["status"] == "pending")
        .map(|invitation| invitation["sender_full_name"].clone())
        .collect();
    assert_eq!(senders, ["Ann Tester", "Pam Tester"]);
}
