//! Who may, does: the other side of the role table; and who is invited may nothing yet.

use serde_json::{Value, json};

use super::actors::{Actor, Cell, Standing, refusal};
use super::{Ask, Findings, World, quiet};
use crate::operations::{Aim, Door, all};
use crate::support::PASSWORD;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_serves_its_address_alone_and_nobody_acts_before_their_address_is_proved() {
    let world = World::new().await;
    let (server, victim, other) = (&world.server, &world.victim, &world.other);
    let accept = |body: Value| server.post("/v1/invitation/accept").json(&body);
    let sent = server.invite(&victim.root, &victim.team, "late@example.com", "manager").await;
    for thief in [&other.root, &victim.neighbour] {
        accept(json!({"token": sent})).token(&thief.token).refused(403, "invitation_for_other_address").await;
    }
    let account = json!({"name": "Late", "surname": "Comer", "password": PASSWORD});
    let with = |token: &str| {
        let mut body = account.clone();
        body["token"] = token.into();
        body
    };
    let mut elsewhere = with(&sent);
    elsewhere["email"] = "thief@example.com".into();
    accept(elsewhere).refused(403, "invitation_for_other_address").await;
    // A link that came by other means proves no address.
    let link = server.post(&format!("/v1/team/{}/invitation/link", victim.team)).token(&victim.root.token);
    let link = link.json(&json!({"channel_value": "late@example.com"})).expect(200).await.text("/link");
    let handed = link.split_once("token=").expect("a token").1.to_owned();
    let claimed = accept(with(&handed)).expect(201).await;
    assert!(claimed.body.get("access_token").is_none(), "{}", claimed.body);
    let sign_in = |password: &str| {
        server.post("/v1/auth").json(&json!({"email": "late@example.com", "password": password}))
    };
    sign_in(PASSWORD).refused(403, "account_unconfirmed").await;
    sign_in("another-password-9").refused(401, "credentials_invalid").await;
    let members = server.listed(&victim.root, &format!("/v1/team/{}/members", victim.team)).await;
    assert_eq!(members.len(), 4, "nobody has joined");
    // Withdrawn before the address is proved: the account begins, the membership does not.
    let withdraw = server.delete(&format!("/v1/team/{}/invitation", victim.team)).token(&victim.root.token);
    withdraw.json(&json!({"channel_value": "late@example.com"})).expect(200).await;
    let code = server.code_for("late@example.com", 2).await;
    let confirm = json!({"email": "late@example.com", "confirmation_code": code});
    server.patch("/v1/account").json(&confirm).expect(200).await;
    let late = server.sign_in("late@example.com", PASSWORD).await;
    server.get(&format!("/v1/team/{}/members", victim.team)).token(&late.token).expect(404).await;
    accept(with(&sent)).refused(409, "invitation_not_pending").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_role_may_what_the_table_says() {
    let mut found = Findings::default();
    for standing in [Standing::Root, Standing::Manager, Standing::User, Standing::Guest] {
        let world = World::new().await;
        let (victim, other) = (&world.victim, &world.other);
        let person = match standing {
            Standing::Root => &victim.root,
            Standing::Manager => &victim.manager,
            Standing::User => &victim.user,
            _ => {
                world.server.guest(&victim.root, &victim.team, &other.user, "manager").await;
                &other.user
            }
        };
        quiet(&world.server).await;
        let mut actor = Actor::of(&format!("{standing:?}"), person, standing);
        let before = world.server.stored_rows().await;
        for (method, template, operation) in &all() {
            let cell = Cell { door: operation.door, mine: true, rooted: false };
            if operation.door == Door::Open || refusal(standing, cell).is_some() {
                continue;
            }
            let seen_by_root = standing == Standing::Root && operation.door == Door::Profile;
            let home = if standing == Standing::Guest { other } else { victim };
            let Aim { session, deliveries: [own, _], .. } = home.aim(person);
            let mut aim = victim.aim(if seen_by_root { &victim.pawn } else { person });
            (aim.session, aim.deliveries[0]) = (session, own);
            let ask = Ask { method, template, operation, body: None };
            let (answer, who) =
                (world.send(&actor, &ask, &aim).await, format!("{} as {standing:?}", operation.id));
            found.check(operation.lets_pass(answer.status.as_u16()), || {
                format!("{who}: {}: {}", answer.status, answer.body)
            });
            if standing != Standing::Guest {
                found.silent(&answer, other, &who);
            }
            let text = String::from_utf8_lossy(&answer.bytes);
            if matches!(operation.id, "list_team_channels" | "list_team_deliveries") {
                let shown =
                    text.contains(&format!("/{}/", victim.canary)) || text.contains("\"answer\":\"ok");
                let governs = standing != Standing::User;
                found.check(!shown || governs, || format!("{who}: a secret is shown: {text}"));
            }
            if operation.id == "list_teams" {
                let all = text.contains(&victim.other_team);
                found.check(all == (standing == Standing::Root), || format!("{who}: {text}"));
            }
            if operation.id == "sign_out" {
                actor =
                    Actor::of(&actor.name, &world.server.sign_in(&person.email, PASSWORD).await, standing);
            }
        }
        let after = world.server.stored_rows().await;
        found.check(
            standing == Standing::Guest || after.of(other.organization) == before.of(other.organization),
            || format!("{standing:?} changed {:?} of another tenant", after.changed_since(&before)),
        );
    }
    found.report("isolation, what each role may do");
}
