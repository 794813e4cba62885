//! What is one person's own is told to no colleague: sessions, channels, messages to them, feedback, what they did.

use http::Method;
use serde_json::json;

use super::actors::{Actor, Cell, Standing, refusal};
use super::{Ask, Findings, World, quiet};
use crate::operations::{Door, all};
use crate::support::channels;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_ones_own_is_told_to_no_colleague() {
    let world = World::new().await;
    let (server, victim) = (&world.server, &world.victim);
    let people = [
        (&victim.root, Standing::Root),
        (&victim.manager, Standing::Manager),
        (&victim.user, Standing::User),
    ];
    let mut own = Vec::new();
    for (person, standing) in people {
        // Stands in the feedback and, as the request's id, in what they did.
        let mark = format!("{standing:?}sown");
        let feedback = json!({"message": format!("{mark} opinion")});
        let given = server.post("/v1/customer/feedback").token(&person.token).header("x-request-id", &mark);
        given.json(&feedback).expect(201).await;
        let aim = victim.aim(person);
        let first = server.channels(person, &channels::of(person)).await.remove(0);
        let address = first["value"].as_str().expect("an address").to_owned();
        own.push([mark, aim.session, aim.deliveries[0].clone(), address]);
    }
    quiet(server).await;
    let mut found = Findings::default();
    for (method, template, operation) in &all() {
        // The audit log tells roots what everybody did: that is what it is for.
        if *method != Method::GET || operation.door == Door::Open || operation.id == "list_audit_log" {
            continue;
        }
        for (index, (person, standing)) in people.into_iter().enumerate() {
            if refusal(standing, Cell { door: operation.door, mine: true, rooted: false }).is_some() {
                continue;
            }
            let actor = Actor::of(&format!("{standing:?}"), person, standing);
            let ask = Ask { method, template, operation, body: None };
            let answer = world.send(&actor, &ask, &victim.aim(person)).await;
            let text = String::from_utf8_lossy(&answer.bytes);
            for (whose, words) in own.iter().enumerate() {
                let told = words.iter().find(|word| text.contains(*word));
                found.check(whose == index || told.is_none(), || {
                    format!("{} tells {standing:?} of a colleague's {told:?}: {text}", operation.id)
                });
            }
            // One's own export has all of it, so that the words are those that would be told.
            let all = own[index].iter().all(|word| text.contains(word));
            found.check(all || operation.id != "export_customer", || format!("{standing:?}: {text}"));
        }
    }
    found.report("isolation, what is one's own");
}
