//! Whether the time to a refusal tells that something is there which is another's. A figure, never a verdict.

use std::time::{Duration, Instant};

use super::actors::{Actor, Standing};
use super::{Ask, World, quiet};
use crate::operations::{Aim, Door, all};
use crate::support::figures::{auc, median_gap};
use crate::support::trials;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_foreign_takes_as_long_to_refuse_as_what_is_not_there() {
    let world = World::new().await;
    let intruder = Actor::of("the root of another tenant", &world.other.root, Standing::Stranger);
    quiet(&world.server).await;
    let (foreign, unknown) = (world.victim.aim(&world.victim.root), Aim::nowhere());
    let (mut each, mut pooled) = (Vec::new(), [Vec::new(), Vec::new()]);
    let operations = all();
    let asked = operations.iter().filter(|(_, _, operation)| {
        matches!(operation.door, Door::Own | Door::Profile | Door::See | Door::Govern)
    });
    for (method, template, operation) in asked {
        let mut times: [Vec<Duration>; 2] = [Vec::new(), Vec::new()];
        for round in 0..trials(5) {
            let [first, second] = if round % 2 == 0 { [0, 1] } else { [1, 0] };
            for kind in [first, second] {
                let ask = Ask { method, template, operation, body: None };
                let begun = Instant::now();
                let answer = world.send(&intruder, &ask, [&foreign, &unknown][kind]).await;
                times[kind].push(begun.elapsed());
                assert_eq!(answer.status, 404, "{}", operation.id);
            }
        }
        each.push((auc(&times[0], &times[1]), operation.id));
        for (all, some) in pooled.iter_mut().zip(&times) {
            all.extend(some);
        }
    }
    each.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (least, most) = (each[0], each[each.len() - 1]);
    println!(
        "isolation, foreign against unknown: {} operations x {}, AUC {:.3} ({}) to {:.3} ({}), all together {:.3}, median {:+.3} ms",
        each.len(),
        trials(5),
        least.0,
        least.1,
        most.0,
        most.1,
        auc(&pooled[0], &pooled[1]),
        median_gap(&pooled[0], &pooled[1])
    );
}
