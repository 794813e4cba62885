//! The idempotency key of every operation that takes one, stolen by somebody of another organization: it replays nothing, and changes
//! nothing of what they get.

use super::world::World;
use super::{document, operations, table};

#[tokio::test]
async fn a_stolen_key_gives_what_no_key_gives() {
    let world = World::new().await;
    let document = document();
    let takes_a_key = |operation: &str| {
        operations(&document).into_iter().any(|(method, path, entry)| {
            let parameters = entry["parameters"].as_array().cloned().unwrap_or_default();
            operation == format!("{method} {path}")
                && parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key")
        })
    };
    let (mut keys, mut replays, mut wrong) = (0, 0, Vec::new());
    for row in table().into_iter().filter(|row| takes_a_key(&row.operation)) {
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
