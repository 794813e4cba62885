//! Everybody who must not reach what an operation is aimed at.

use serde_json::{Value, json};

use super::actors::{Actor, Cell, Standing, intruders, refusal};
use super::tenant::Tenant;
use super::{Ask, Findings, World, quiet, seen};
use crate::operations::{Aim, Operation, all};
use crate::support::Person;
use crate::support::rows::Rows;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_reaches_what_is_not_theirs_or_learns_that_it_is_there() {
    let world = World::new().await;
    let actors = intruders(&world.server, &world.victim, &world.other, &world.expired).await;
    quiet(&world.server).await;
    let (mut found, before, operations) = (Findings::default(), world.server.stored_rows().await, all());
    for tenant in [&world.victim, &world.other] {
        assert!(before.count(tenant.organization) > 50, "a tenant has some of everything");
    }
    for (method, template, operation) in &operations {
        for actor in &actors {
            for question in questions(operation, actor, &world.victim) {
                let ask = Ask { method, template, operation, body: question.body.clone() };
                refused(&world, &mut found, &before, actor, &ask, &question).await;
            }
        }
    }
    found.report(&format!("isolation, {} operations x {} actors", operations.len(), actors.len()));
}

/// One try of an operation.
struct Question {
    aim: Aim,
    body: Option<Value>,
    rooted: bool,
    /// Whether its body names a team that is hidden from members.
    hidden: bool,
}

/// What an actor tries with an operation: the plain request and, for members, the cells of roots.
fn questions(operation: &Operation, actor: &Actor, victim: &Tenant) -> Vec<Question> {
    let at = |member: &Person, body: Option<Value>, rooted| {
        let aim = Aim { member: member.customer_id.clone(), ..victim.aim(&victim.root) };
        Question { aim, body, rooted, hidden: false }
    };
    let mut questions = vec![at(&victim.pawn, None, false)];
    let inside = matches!(actor.standing, Standing::Manager | Standing::User);
    if inside && matches!(operation.id, "change_member" | "remove_member") {
        questions.push(at(&victim.root, None, true));
    }
    if actor.standing == Standing::User && operation.id == "change_member" {
        // Who may not change anybody is not told what is wrong with the body.
        questions.push(at(&victim.pawn, Some(json!({})), false));
    }
    if actor.standing == Standing::Manager && operation.id == "change_member" {
        questions.push(Question {
            hidden: true,
            ..at(&victim.pawn, Some(json!({"new_team_id": victim.other_team})), false)
        });
    }
    if inside && operation.id == "change_member" {
        for person in [&victim.pawn, &victim.manager, &victim.user, &victim.root] {
            questions.push(at(person, Some(json!({"role": "root"})), true));
        }
    }
    questions
}

/// Sends what must be refused: by the documented status, without a trace in the storage, and like what is not there.
async fn refused(
    world: &World,
    found: &mut Findings,
    before: &Rows,
    actor: &Actor,
    ask: &Ask<'_>,
    question: &Question,
) {
    let cell = Cell { door: ask.operation.door, mine: false, rooted: question.rooted };
    let hidden = question.hidden.then_some(404);
    let Some(status) = hidden.or(refusal(actor.standing, cell)) else { return };
    let who = format!("{} as {}", ask.operation.id, actor.name);
    let answer = world.send(actor, ask, &question.aim).await;
    found.check(answer.status.as_u16() == status, || {
        format!("{who}: {} instead of {status}: {}", answer.status, answer.body)
    });
    found.silent(&answer, &world.victim, &who);
    let after = world.server.stored_rows().await;
    found.check(after == *before, || format!("{who}: changed {:?}", after.changed_since(before)));
    if matches!(status, 401 | 404) && hidden.is_none() {
        let nothing = world.send(actor, ask, &Aim::nowhere()).await;
        found.check(seen(&answer) == seen(&nothing), || {
            format!("{who}: unlike what is not there: {} instead of {}", answer.body, nothing.body)
        });
    }
}
