//! What is one's own together with what is foreign, and what was taken from another tenant: ids, cursors, keys, tags.

use serde_json::{Value, json};

use super::actors::{Actor, Standing};
use super::tenant::Tenant;
use super::{Ask, Findings, World, quiet, seen};
use crate::operations::{Aim, Door, all};
use crate::support::Person;

/// What of one request is foreign, by the name that the document has for it: an id of the path, a field, a parameter.
struct Mix {
    operation: &'static str,
    foreign: &'static str,
    aim: Aim,
    /// The same with what is not there in its place.
    unknown: Aim,
    /// The field, with what it holds of each.
    field: Option<[Value; 2]>,
}

/// Every operation that names two things, one of them another tenant's.
fn mixes(victim: &Tenant, other: &Tenant) -> Vec<Mix> {
    let (theirs, own, nowhere) = (victim.aim(&victim.root), other.aim(&other.root), Aim::nowhere());
    let mix = |operation, foreign, change: &dyn Fn(&mut Aim, &Aim)| {
        let [mut aim, mut unknown] = [own.clone(), own.clone()];
        change(&mut aim, &theirs);
        change(&mut unknown, &nowhere);
        Mix { operation, foreign, aim, unknown, field: None }
    };
    let field = |operation, foreign: &'static str| {
        let holds = |team: &str| json!({foreign: team});
        let field = Some([holds(&victim.team), holds(&nowhere.team)]);
        Mix { operation, foreign, aim: own.clone(), unknown: own.clone(), field }
    };
    let mut mixes = Vec::new();
    for operation in ["change_member", "remove_member"] {
        mixes.push(mix(operation, "id", &|aim, of| aim.team.clone_from(&of.team)));
        mixes.push(mix(operation, "member_id", &|aim, of| aim.member.clone_from(&of.member)));
    }
    for operation in ["retry_personal_delivery", "retry_team_delivery"] {
        mixes.push(mix(operation, "delivery_id", &|aim, of| aim.deliveries.clone_from(&of.deliveries)));
        mixes.push(mix(operation, "id", &|aim, of| {
            aim.customer.clone_from(&of.customer);
            aim.team.clone_from(&of.team);
        }));
    }
    for operation in ["remind_of_invitation", "make_invitation_link", "withdraw_invitation"] {
        mixes.push(mix(operation, "channel_value", &|aim, of| aim.invited.clone_from(&of.invited)));
    }
    mixes.push(field("change_member", "new_team_id"));
    mixes.push(mix("create_service", "team_id", &|aim, of| aim.team.clone_from(&of.team)));
    mixes
}

/// Each place of the document where a request names a second thing by its id: behind another id of the path, in a body, as a parameter.
fn places() -> Vec<(String, String)> {
    let document = serde_json::to_value(rollcall::routes::document()).expect("a document");
    let schemas = &document["components"]["schemas"];
    let schema = |of: &Value| {
        let name = of["$ref"].as_str().and_then(|path| path.rsplit('/').next());
        name.map_or_else(|| of.clone(), |name| schemas[name].clone())
    };
    let is_id = |of: &Value| {
        let either = of["oneOf"].as_array().into_iter().flatten().chain([of]);
        either.map(schema).any(|one| one["format"] == "uuid")
    };
    let mut places = Vec::new();
    for item in document["paths"].as_object().expect("paths").values() {
        for entry in item.as_object().expect("operations").values() {
            let parameters = entry["parameters"].as_array().cloned().unwrap_or_default();
            let named = |place: &str| -> Vec<&Value> {
                let here = parameters.iter().filter(|one| one["in"] == place && is_id(&one["schema"]));
                here.map(|one| &one["name"]).collect()
            };
            let (path, query) = (named("path"), named("query"));
            let pair: &[&Value] = if path.len() > 1 { &path } else { &[] };
            let body = schema(&entry["requestBody"]["content"]["application/json"]["schema"]);
            let fields = body["properties"].as_object().into_iter().flatten();
            let fields = fields.filter(|(_, of)| is_id(of)).map(|(name, _)| name.clone());
            let ids = pair.iter().chain(&query).map(|name| name.as_str().expect("a name").to_owned());
            let operation = entry["operationId"].as_str().expect("an id");
            places.extend(ids.chain(fields).map(|name| (operation.to_owned(), name)));
        }
    }
    places
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paths_and_bodies_that_mix_ones_own_with_what_is_foreign_find_nothing() {
    let world = World::new().await;
    let (victim, other) = (&world.victim, &world.other);
    let intruder = Actor::of("the root of another tenant", &other.root, Standing::Stranger);
    let straddler = world.server.person("straddler").await;
    for tenant in [victim, other] {
        world.server.guest(&tenant.root, &tenant.team, &straddler, "manager").await;
    }
    // Manages a team in each of the two.
    let both = Actor::of("a guest of both", &straddler, Standing::Guest);
    quiet(&world.server).await;
    let (mut found, before, operations) = (Findings::default(), world.server.stored_rows().await, all());
    let mixes = mixes(victim, other);
    let places = places();
    for (operation, place) in &places {
        // A filter of one's own log finds nothing of others: see below.
        let tried = mixes.iter().any(|mix| mix.operation == operation && mix.foreign == place);
        found.check(tried || operation == "list_audit_log", || format!("{operation}: {place} is not tried"));
    }
    let moved = Mix {
        operation: "change_member",
        foreign: "new_team_id",
        aim: victim.aim(&victim.root),
        unknown: victim.aim(&victim.root),
        field: Some([json!({"new_team_id": other.team}), json!({"new_team_id": Aim::nowhere().team})]),
    };
    let tried = mixes.iter().map(|mix| (mix, &intruder)).chain([(&moved, &both)]);
    for (Mix { operation: id, foreign, aim, unknown, field }, actor) in tried {
        let (method, template, operation) =
            operations.iter().find(|(_, _, operation)| operation.id == *id).expect("an operation");
        let ask = |body| Ask { method, template, operation, body };
        let [body, empty] = field.clone().map_or([None, None], |bodies| bodies.map(Some));
        let answer = world.send(actor, &ask(body), aim).await;
        found.check(answer.status == 404, || format!("{id}, {foreign}: {} {}", answer.status, answer.body));
        found.silent(&answer, victim, id);
        let nothing = world.send(actor, &ask(empty), unknown).await;
        found.check(seen(&answer) == seen(&nothing), || {
            format!("{id}, {foreign}: foreign {} but unknown {}", answer.body, nothing.body)
        });
        let after = world.server.stored_rows().await;
        found.check(after == before, || format!("{id}: changed {:?}", after.changed_since(&before)));
    }
    let log = format!("/v1/org/audit-log?actor={}", victim.root.customer_id);
    let log = world.server.get(&log).token(&other.root.token).expect(200).await;
    found.check(log.data().is_empty(), || format!("the log of another tenant: {}", log.body));
    // Both teams count: who governs the one and is a user of the other moves nobody there.
    world.server.guest(&victim.root, &victim.other_team, &straddler, "user").await;
    let (method, template, operation) =
        operations.iter().find(|(_, _, operation)| operation.id == "change_member").expect("an operation");
    let body = Some(json!({"new_team_id": victim.other_team}));
    let answer =
        world.send(&both, &Ask { method, template, operation, body }, &victim.aim(&victim.root)).await;
    found.check(answer.status == 403, || format!("moved to where the mover is a user: {}", answer.body));
    found.report(&format!("isolation, own and foreign ids mixed in {} places", places.len()));
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
