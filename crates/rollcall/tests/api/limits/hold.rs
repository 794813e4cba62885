//! What holds for every limit: at the limit, beyond it, under other names, from beside, after a restart, just before its window ends and
//! just after it.

use std::time::Duration;

use jiff::SignedDuration;

use super::world::{Counted, Turn, World, others};

/// How near to the end of a window it is looked at: waits are told in whole seconds.
const NEAR: SignedDuration = SignedDuration::from_secs(2);

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
    let begun = world.server.app.now();
    for number in 0..row.limit {
        // Ten thousand are not sent one by one.
        if row.limit > 1_000 && (1..row.limit - 1).contains(&number) {
            if number == 1 {
                world.leave_one(row.limit).await;
            }
            continue;
        }
        let turn = Turn::own(number, row.counted.spelled(number));
        assert_eq!(world.spend(row.spend, &turn).await, None, "{}: number {}", row.name, number + 1);
    }
    let told = refuses(row, &world, row.counted.spelled(0)).await;
    let now = world.server.app.now();
    // The window begins with its first use, which was not before this.
    let least = row.window.saturating_sub(now.duration_since(begun).unsigned_abs());
    // Where the answer is the same for everybody, it says nothing of a wait.
    let wait = if told.is_zero() { least } else { told };
    assert!(wait >= least, "{}: {wait:?} is less than what is left of the window, {least:?}", row.name);
    let ends = now + SignedDuration::try_from(wait).expect("a wait");
    let mut refused = 1;
    for as_who in &row.counted.all()[1..] {
        refuses(row, &world, as_who).await;
        refused += 1;
    }
    let beside = others(row.counted, row.spend);
    for other in 1..=beside {
        let as_who = if other == 1 { row.counted.another() } else { row.counted.spelled(0) };
        let turn = Turn { number: row.limit + 1, as_who, other };
        assert_eq!(world.spend(row.spend, &turn).await, None, "{}: another one, {other}", row.name);
    }
    world.server.restart(Duration::from_secs(5)).await;
    refuses(row, &world, row.counted.spelled(0)).await;
    world.advance_to(ends - NEAR).await;
    refuses(row, &world, row.counted.spelled(0)).await;
    world.advance_to(ends + NEAR).await;
    let turn = Turn::own(row.limit + 2, row.counted.spelled(1));
    assert_eq!(world.spend(row.spend, &turn).await, None, "{}: after its window", row.name);
    println!(
        "limit {}: {} of {} allowed, then {refused} of {refused} refused and {beside} beside allowed, refused after a restart and until \
         just before {} s, and allowed just after",
        row.name,
        row.limit,
        row.limit,
        row.window.as_secs()
    );
}

async fn refuses(row: &Row, world: &World, as_who: &str) -> Duration {
    let wait = world.spend(row.spend, &Turn::own(row.limit, as_who)).await;
    let wait = wait.unwrap_or_else(|| panic!("{} lets {as_who:?} through", row.name));
    assert!(wait <= row.window, "{}: {wait:?} is more than the window", row.name);
    wait
}
