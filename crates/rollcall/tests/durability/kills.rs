//! `kill -9` under sixteen writers, again and again on one database, on either engine.

use std::time::{Duration, Instant};

use super::database::Database;
use super::facts::Storage;
use super::ledger::Ledger;
use super::process::Folder;
use super::settle::{finish, replay};
use super::trials::trials;
use super::verdict::Verdict;
use super::writers::{self, Target, WRITERS};

/// After so many kills the trial goes on with a fresh database, so that a look at all of it stays short.
const GENERATION: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_and_nothing_is_half_done_when_it_is_killed() {
    kill_again_and_again("SQLite", trials(25)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL"]
async fn on_postgresql_too_nothing_acknowledged_is_lost_and_nothing_is_half_done_when_it_is_killed() {
    kill_again_and_again("PostgreSQL", trials(15)).await;
}

#[derive(Default)]
struct Figures {
    acknowledged: usize,
    carried_out: usize,
    replayed: usize,
    ready: Vec<Duration>,
}

async fn kill_again_and_again(engine: &str, kills: usize) {
    let mut figures = Figures::default();
    for first in (0..kills).step_by(GENERATION) {
        generation(engine, first..kills.min(first + GENERATION), &mut figures).await;
    }
    let Figures { acknowledged, carried_out, replayed, mut ready } = figures;
    ready.sort_unstable();
    let p99 = ready[(ready.len() * 99).div_ceil(100) - 1].as_millis();
    println!(
        "durability, {engine}: {kills} kills under {WRITERS} writers: {acknowledged} acknowledged, 0 lost, 0 half-done, 0 twice; \
         {carried_out} carried out unanswered, {replayed} answers replayed; ready again p99 {p99} ms"
    );
    assert!(acknowledged > kills * WRITERS, "the writers wrote only {acknowledged}");
}

async fn generation(engine: &str, kills: std::ops::Range<usize>, figures: &mut Figures) {
    let (folder, database) = (Folder::new(), if engine == "SQLite" { None } else { Database::new().await });
    assert_eq!(engine == "SQLite", database.is_none(), "run this by ./scripts/postgres");
    let url = database.as_ref().map(Database::url).unwrap_or_default();
    let storage = match &database {
        None => Storage::Sqlite(folder.file("data").join("rollcall.db")),
        Some(database) => Storage::postgres(&database.client().await, database.url()).await,
    };
    let settings =
        [("ROLLCALL_DATABASE_URL", &*url), ("ROLLCALL_RATE_LIMITS", "off"), ("ROLLCALL_LOG", "error")];
    let start = || tokio::task::block_in_place(|| folder.serve(&settings));
    let ledger = Ledger::at(&folder.file("ledger"));
    let mut program = start();
    let mut token = program.sign_up("Ann").await;
    let mut signed_in = Instant::now();
    for kill in kills {
        // An access token lives for an hour.
        if signed_in.elapsed() > Duration::from_secs(30 * 60) {
            token = program.sign_in("ann@example.com").await;
            signed_in = Instant::now();
        }
        let name = format!("key-{kill}-");
        let writers = writers::start(&Target::of(&program, &token), &ledger, &name, usize::MAX);
        tokio::time::sleep(moment(kill)).await;
        // As kill -9 does.
        drop(program);
        for writer in writers {
            writer.await.expect("a writer ends with the server");
        }
        let begun = Instant::now();
        program = start();
        figures.ready.push(begun.elapsed());

        let mut entries = ledger.entries();
        let verdict = Verdict::on(&storage, &entries).await;
        assert!(verdict.is_good(), "kill {kill}: {verdict:?}");
        figures.carried_out += verdict.carried_out;

        let target = Target::of(&program, &token);
        for (key, answer) in finish(&target, &mut entries).await {
            ledger.acknowledge(&key, &answer).await;
        }
        figures.replayed += replay(&target, &entries, &name).await;
        let verdict = Verdict::on(&storage, &entries).await;
        assert!(verdict.is_good(), "kill {kill}, asked again: {verdict:?}");
        assert_eq!(verdict.acknowledged, entries.len());
    }
    figures.acknowledged += ledger.entries().len();
}

/// When a life of the server ends: 50 ms to 2 s after its start, spread without chance that could not be repeated.
fn moment(kill: usize) -> Duration {
    let mixed = (kill as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
    Duration::from_millis(50 + mixed % 1_950)
}
