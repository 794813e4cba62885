//! What is one's own together with what is foreign, and what was taken from another tenant: ids, cursors, keys, tags.

use serde_json::{Value, json};

use super::actors::{Actor, Standing};
use super::operations::{Aim, Door, all};
use super::{Ask, Findings, World, quiet, seen};
use crate::support::Person;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paths_and_bodies_that_mix_ones_own_with_what_is_foreign_find_nothing() {
    let world = World::new().await;
    let (victim, other) = (&world.victim, &world.other);
    let intruder = Actor::of("the root of another tenant", &other.root, Standing::Stranger);
    let straddler = world.server.person("straddler").await;
    for tenant in [victim, other] {
        world.server.guest(&tenant.root, &tenant.team, &straddler, "manager").await;
    }
    let own = other.aim(&other.root);
    let mixes = [
        ("change_member", Aim { member: victim.pawn.customer_id.clone(), ..own.clone() }, None),
        ("remove_member", Aim { member: victim.pawn.customer_id.clone(), ..own.clone() }, None),
        ("change_member", Aim { team: victim.team.clone(), ..own.clone() }, None),
        ("remove_member", Aim { team: victim.team.clone(), ..own.clone() }, None),
        ("change_member", own.clone(), Some("new_team_id")),
        ("remind_of_invitation", Aim { invited: victim.invited.clone(), ..own.clone() }, None),
        ("make_invitation_link", Aim { invited: victim.invited.clone(), ..own.clone() }, None),
        ("withdraw_invitation", Aim { invited: victim.invited.clone(), ..own.clone() }, None),
        ("create_service", Aim { team: victim.team.clone(), ..own.clone() }, None),
    ];
    quiet(&world.server).await;
    let (mut found, before, operations) = (Findings::default(), world.server.stored_rows().await, all());
    // Manages a team in each of the two.
    let both = Actor::of("a guest of both", &straddler, Standing::Guest);
    let moved = ("change_member", victim.aim(&victim.root), Some("new_team_id"), &other.team, &both);
    let mixes = mixes.into_iter().map(|(id, aim, field)| (id, aim, field, &victim.team, &intruder));
    for (id, aim, field, foreign, actor) in mixes.chain([moved]) {
        let (method, template, operation) =
            operations.iter().find(|(_, _, operation)| operation.id == id).expect("an operation");
        let body = |team: &str| field.map(|field| json!({field: team}));
        let ask = |body| Ask { method, template, operation, body };
        let answer = world.send(actor, &ask(body(foreign)), &aim).await;
        found.check(answer.status == 404, || format!("{id}: {} {}", answer.status, answer.body));
        found.silent(&answer, victim, id);
        // The same with what is not there in place of what is foreign.
        let nowhere = Aim::nowhere();
        let swap = |value: &String, foreign: &str, nothing: &str| {
            if value == foreign { nothing.to_owned() } else { value.clone() }
        };
        let unknown = Aim {
            team: swap(&aim.team, &victim.team, &nowhere.team),
            member: swap(&aim.member, &victim.pawn.customer_id, &nowhere.member),
            invited: swap(&aim.invited, &victim.invited, &nowhere.invited),
            ..aim.clone()
        };
        let unknown = if field.is_some() { aim.clone() } else { unknown };
        let nothing = world.send(actor, &ask(body(&nowhere.team)), &unknown).await;
        found.check(seen(&answer) == seen(&nothing), || {
            format!("{id}: foreign {} but unknown {}", answer.body, nothing.body)
        });
        let after = world.server.stored_rows().await;
        found.check(after == before, || format!("{id}: changed {:?}", after.changed_since(&before)));
    }
    // Both teams count: who governs the one and is a user of the other moves nobody there.
    world.server.guest(&victim.root, &victim.other_team, &straddler, "user").await;
    let (method, template, operation) =
        operations.iter().find(|(_, _, operation)| operation.id == "change_member").expect("an operation");
    let body = Some(json!({"new_team_id": victim.other_team}));
    let answer =
        world.send(&both, &Ask { method, template, operation, body }, &victim.aim(&victim.root)).await;
    found.check(answer.status == 403, || format!("moved to where the mover is a user: {}", answer.body));
    found.report("isolation, own and foreign ids mixed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_a_key_or_a_tag_of_another_tenant_opens_nothing() {
    let world = World::new().await;
    let (server, victim, other) = (&world.server, &world.victim, &world.other);
    let mut found = Findings::default();
    let members = format!("/v1/team/{}/members?limit=1", victim.team);
    let page = server.get(&members).token(&victim.root.token).expect(200).await;
    let cursor = page.text("/next_cursor");
    for list in [format!("/v1/team/{}/members", other.team), "/v1/teams".to_owned()] {
        let stolen = format!("{list}?limit=1&cursor={cursor}");
        let answer = server.get(&stolen).token(&other.root.token).expect(422).await;
        found.check(answer.faulty_fields() == ["cursor"], || format!("{list}: {}", answer.body));
        found.silent(&answer, victim, &list);
    }
    let foreign = format!("{members}&cursor={cursor}");
    found.check(server.get(&foreign).token(&other.root.token).send().await.status == 404, || foreign.clone());
    for (path, status) in [(members.as_str(), 404), ("/v1/customer", 200), ("/v1/teams", 200)] {
        let tag = server.get(path).token(&victim.root.token).expect(200).await.header("etag").to_owned();
        let stolen = server.get(path).token(&other.root.token).header("if-none-match", &tag).send().await;
        found.check(stolen.status == status, || format!("{path}: {} for a stolen tag", stolen.status));
        found.silent(&stolen, victim, path);
    }
    let create = |person: &Person, path: &str, body: Value| {
        server.post(path).token(&person.token).header("idempotency-key", "stolen").json(&body)
    };
    let channel = format!("/v1/team/{}/notification-channel", victim.team);
    let body = json!({"type": "webhook", "value": server.receiver.url("/quokkavictim/keyed")});
    create(&victim.root, &channel, body.clone()).expect(201).await;
    for person in [&other.root, &victim.user, &victim.neighbour] {
        let answer = create(person, &channel, body.clone()).send().await;
        let status = if person.email == victim.user.email { 403 } else { 404 };
        found.check(answer.status == status, || format!("{}: {}", person.email, answer.body));
        found.check(answer.header("idempotency-replayed").is_empty(), || {
            format!("{} got a replay", person.email)
        });
        found.check(!answer.body.to_string().contains("whsec_"), || format!("{} got a secret", person.email));
    }
    // Within the organization a key is one's own too: this is no replay but a second try.
    let twin = create(&victim.manager, &channel, body).send().await;
    found.check(twin.status == 409 && twin.body["code"] == "duplicate_channel", || twin.body.to_string());
    found.report("isolation, stolen cursors, tags and keys");
}

/// Every reading operation: its cursor and its tag, taken from one tenant, serve no other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cursor_and_the_tag_of_each_read_serve_their_own_reader_alone() {
    let world = World::new().await;
    let (server, victim, other) = (&world.server, &world.victim, &world.other);
    let (mut found, mut cursors, mut tags) = (Findings::default(), 0, 0);
    for (method, template, operation) in all() {
        if method != http::Method::GET || operation.door == Door::Open {
            continue;
        }
        let path = |aim: &Aim| operation.path(&template, aim);
        let (theirs, own) = (path(&victim.aim(&victim.root)), path(&other.aim(&other.root)));
        let join = if theirs.contains('?') { '&' } else { '?' };
        let whole = server.get(&theirs).token(&victim.root.token).expect(200).await;
        let tag = whole.header("etag").to_owned();
        if !tag.is_empty() {
            tags += 1;
            for path in [&own, &theirs] {
                let request = server.get(path).token(&other.root.token).header("if-none-match", &tag);
                let stolen = request.send().await;
                // What is the same for everybody has the same tag for everybody.
                let same = stolen.status == 304
                    && whole.bytes == server.get(path).token(&other.root.token).send().await.bytes;
                found.check(stolen.status != 304 || same, || format!("{path}: 304 for a stolen tag"));
                found.silent(&stolen, victim, path);
            }
        }
        let page = server.get(&format!("{theirs}{join}limit=1")).token(&victim.root.token).send().await;
        if let Some(cursor) = page.body["next_cursor"].as_str() {
            cursors += 1;
            for path in [&own, &theirs] {
                let stolen = format!("{path}{join}limit=1&cursor={cursor}");
                let answer = server.get(&stolen).token(&other.root.token).send().await;
                found.check(matches!(answer.status.as_u16(), 404 | 422), || {
                    format!("{stolen}: {}", answer.body)
                });
                found.silent(&answer, victim, path);
            }
        }
    }
    assert!(cursors >= 5 && tags >= 10, "only {cursors} cursors and {tags} tags were stolen");
    found.report(&format!("isolation, {cursors} stolen cursors and {tags} stolen tags"));
}
