//! The idempotency key of every operation that takes one: stolen by somebody of another organization, or sent again by whoever has lost
//! the right meanwhile, it replays nothing, and changes nothing of what they get.

use super::world::World;
use super::{Row, document, operations, table};

/// What is gone for everybody: the key of who took it away has the answer, whatever rights they had there.
const GONE: [&str; 2] = ["DELETE /v1/team/{id}", "DELETE /v1/service/{id}"];

/// The rows of all operations that take a key.
fn with_keys() -> Vec<Row> {
    let entries = operations(&document());
    let takes_a_key = |row: &Row| {
        entries.iter().any(|(method, path, entry)| {
            let parameters = entry["parameters"].as_array().cloned().unwrap_or_default();
            row.operation == format!("{method} {path}")
                && parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key")
        })
    };
    table().into_iter().filter(takes_a_key).collect()
}

#[tokio::test]
async fn a_stolen_key_gives_what_no_key_gives() {
    let world = World::new().await;
    let (mut keys, mut replays, mut wrong) = (0, 0, Vec::new());
    for row in with_keys() {
        let scene = world.scene().await;
        let mut callers = row.statuses.into_iter().zip(world.callers());
        let owner = callers.find_map(|(status, caller)| caller.filter(|_| status < 300));
        let ready = world.prepare(&row.operation, &scene, owner).await;
        let key = format!("stolen-{keys}");
        let with_key = |token: &str| ready.request(&world, Some(token)).header("idempotency-key", &key);
        let own = ready.token.as_deref().expect("a token");
        let first = with_key(own).send().await;
        assert!(first.status.is_success(), "{}: {} {}", row.operation, first.status, first.body);
        // The key is kept, unless its owner has just ended the session that it was sent in.
        let again = with_key(own).send().await;
        match again.status.as_u16() {
            401 => {}
            _ if again.header("idempotency-replayed") == "true" && again.bytes == first.bytes => replays += 1,
            _ => wrong.push(format!("{}: its owner gets no replay: {}", row.operation, again.body)),
        }
        let [without, thief] = [
            world.server.person(&format!("without{keys}")).await,
            world.server.person(&format!("thief{keys}")).await,
        ];
        let without = ready.request(&world, Some(&without.token)).send().await;
        let stolen = with_key(&thief.token).send().await;
        let alike = stolen.status == without.status && stolen.body["code"] == without.body["code"];
        if !alike || !stolen.header("idempotency-replayed").is_empty() {
            wrong.push(format!(
                "{}: with a stolen key {} {}, without {} {}",
                row.operation, stolen.status, stolen.body, without.status, without.body
            ));
        }
        keys += 1;
    }
    println!("isolation, {keys} stolen keys: {replays} replays for their owners, {} for others", wrong.len());
    assert!(keys > 30 && replays > 30 && wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_key_gives_nothing_to_who_has_lost_the_right_meanwhile() {
    let world = World::new().await;
    let manager = world.callers()[1].expect("a manager");
    let of_a_team = |row: &Row| {
        let (_, path) = row.operation.split_once(' ').expect("a method and a path");
        path.starts_with("/v1/team/{id}") || path.starts_with("/v1/service")
    };
    let (mut keys, mut wrong) = (0, Vec::new());
    for row in with_keys().into_iter().filter(|row| of_a_team(row) && !GONE.contains(&&*row.operation)) {
        let scene = world.scene().await;
        let ready = world.prepare(&row.operation, &scene, Some(manager)).await;
        let key = format!("lost-{keys}");
        let without = || ready.request(&world, ready.token.as_deref()).header("x-request-id", "same");
        let with_key = || without().header("idempotency-key", &key);
        let first = with_key().send().await;
        assert!(first.status.is_success(), "{}: {} {}", row.operation, first.status, first.body);
        let again = with_key().send().await;
        assert_eq!(
            (again.header("idempotency-replayed"), &again.bytes),
            ("true", &first.bytes),
            "{}",
            row.operation
        );
        for role in [Some("user"), None] {
            world.demote(&scene, manager, role).await;
            let late = with_key().send().await;
            // What says the same as without a key says nothing of what is kept.
            let plain = without().send().await;
            let refused = matches!(late.status.as_u16(), 403 | 404) && late.status == plain.status;
            if !refused || late.bytes != plain.bytes || !late.header("idempotency-replayed").is_empty() {
                wrong.push(format!("{}, {role:?}: {} {}", row.operation, late.status, late.body));
            }
        }
        keys += 1;
    }
    println!("isolation, {keys} keys sent again once the right was lost: {} replays", wrong.len());
    assert!(keys > 15 && wrong.is_empty(), "\n{}", wrong.join("\n"));
}
