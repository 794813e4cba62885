//! What holds for every limit: at the limit, beyond it, under other names, from beside, after a restart, after its window.

use std::time::Duration;

use super::world::{Counted, Turn, World};

/// One limit.
pub(super) struct Row {
    /// As the counter is called; limits of a code or an invitation itself have a name of their own.
    pub(super) name: &'static str,
    pub(super) limit: usize,
    pub(super) window: Duration,
    pub(super) counted: Counted,
    /// How one is spent: a word of `spend.rs`.
    pub(super) spend: &'static str,
}

/// Tries a limit from all sides and prints its line.
pub(super) async fn hold(row: &Row) {
    let mut world = World::new(row.spend).await;
    for number in 0..row.limit {
        // Ten thousand are not sent one by one.
        if row.limit > 1_000 && (1..row.limit - 1).contains(&number) {
            if number == 1 {
                world.leave_one(row.limit).await;
            }
            continue;
        }
        let turn = Turn { number, as_who: row.counted.spelled(number), other: false };
        assert_eq!(world.spend(row.spend, &turn).await, None, "{}: number {}", row.name, number + 1);
    }
    let mut refused = 0;
    for as_who in row.counted.all() {
        refuses(row, &world, as_who).await;
        refused += 1;
    }
    if row.counted != Counted::One {
        let turn = Turn { number: row.limit + 1, as_who: row.counted.another(), other: true };
        assert_eq!(world.spend(row.spend, &turn).await, None, "{}: another one", row.name);
    }
    world.server.restart(Duration::from_secs(5)).await;
    refuses(row, &world, row.counted.spelled(0)).await;
    world.advance(row.window).await;
    let turn = Turn { number: row.limit + 2, as_who: row.counted.spelled(1), other: false };
    assert_eq!(world.spend(row.spend, &turn).await, None, "{}: after its window", row.name);
    println!(
        "limit {}: {} of {} allowed, then {refused} of {refused} refused, after a restart too, and allowed after {} s",
        row.name,
        row.limit,
        row.limit,
        row.window.as_secs()
    );
}

async fn refuses(row: &Row, world: &World, as_who: &str) {
    let turn = Turn { number: row.limit, as_who, other: false };
    let wait = world.spend(row.spend, &turn).await;
    let wait = wait.unwrap_or_else(|| panic!("{} lets {as_who:?} through", row.name));
    assert!(wait <= row.window, "{}: {wait:?} is more than the window", row.name);
}
