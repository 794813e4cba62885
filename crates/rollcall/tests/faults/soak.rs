//! Half of what the program can do, for long, with kills in the first half of the time: memory, files and the log do not grow, and nothing
//! is lost.
//!
//! `SOAK_SECONDS=600 cargo test --release -p rollcall --test faults -- --nocapture soak`

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use notify_fakes::FakeReceiver;
use serde_json::Value;

use crate::few_files::{notify, webhook};
use crate::process::{Folder, Program};
use crate::scene::{SETTINGS, Scene, end};

/// From one kill to the next, at most.
const LIFE: Duration = Duration::from_secs(5 * 60);
const WRITERS: usize = 8;
const READERS: usize = 8;
const LOG: u64 = 64 * 1024 * 1024;
/// What may be warming up, and how much longer than that a life must last for its growth to be judged.
const WARM: Duration = Duration::from_secs(60 * 60);
/// Megabytes an hour.
const GROWTH: f64 = 1.0;

/// One look at the process, so many seconds after its start.
struct Look {
    second: f64,
    megabytes: f64,
    files: usize,
    log: u64,
}

/// What was done beside the writers.
#[derive(Default)]
struct Beside {
    reads: usize,
    sessions: usize,
    /// Messages to the receiver, by their ids.
    sent: BTreeSet<String>,
}

#[expect(clippy::disallowed_methods, reason = "a test program takes its arguments from the environment")]
fn seconds() -> u64 {
    std::env::var("SOAK_SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(60)
}

#[tokio::test(flavor = "multi_thread")]
async fn under_half_of_its_load_with_kills_in_between_nothing_grows_and_nothing_is_lost() {
    let length = Duration::from_secs(seconds());
    let folder = Folder::new();
    let mut scene = Scene::start(&folder).await;
    let receiver = FakeReceiver::start().await;
    let owner = webhook(&scene, &receiver).await;
    let pause = half(&mut scene).await;
    let mut beside = Beside::default();
    let life = LIFE.min(length / 4);
    let kills = (length.as_secs() / 2).div_ceil(life.as_secs());
    for number in 0..kills {
        let writers = scene.ledger.writers(WRITERS, &scene.writer, &format!("soak-{number}"), pause);
        live(&scene, &folder, &owner, life, pause, &mut beside).await;
        // As kill -9 does.
        let killed = scene.program;
        drop(killed);
        let program: Program = tokio::task::block_in_place(|| folder.serve(&SETTINGS));
        writers.stop().await;
        scene.writer.url.clone_from(&program.url);
        scene.writer.http = program.http.clone();
        scene.program = program;
        scene.writer.token = scene.program.sign_in("ann@example.com").await;
    }
    let writers = scene.ledger.writers(WRITERS, &scene.writer, "soak-to-its-end", pause);
    let looks = live(&scene, &folder, &owner, length / 2, pause, &mut beside).await;
    writers.stop().await;
    for id in &beside.sent {
        receiver.wait_for_one(|request| request.header("webhook-id") == Some(id)).await;
    }
    end(scene.program);
    scene.ledger.check(&folder.file("data/rollcall.db"));
    // What a life begins with is warming up.
    let warm = &looks[looks.len() / 3..];
    let (few, many) = (warm.iter().map(|look| look.files).min(), warm.iter().map(|look| look.files).max());
    let log = looks.iter().map(|look| look.log).max().unwrap_or_default();
    println!(
        "soak: {} s with {kills} kills in their first half, {} acknowledged, 0 lost, {} reads, {} sessions, {} messages delivered; then memory {:.0} \
         to {:.0} MB, by {:+.1} MB an hour, {} to {} files, log at most {} MB",
        length.as_secs(),
        scene.ledger.acknowledged(),
        beside.reads,
        beside.sessions,
        beside.sent.len(),
        warm.first().map_or(0.0, |look| look.megabytes),
        warm.last().map_or(0.0, |look| look.megabytes),
        slope(warm) * 3_600.0,
        few.unwrap_or_default(),
        many.unwrap_or_default(),
        log / 1_048_576,
    );
    assert!(log < LOG, "the write-ahead log grew to {log} bytes");
    // Connections of the clients come and go; what leaks goes on growing.
    assert!(
        many.unwrap_or_default() <= few.unwrap_or_default() + WRITERS + READERS,
        "{few:?} to {many:?} files"
    );
    assert!(
        warm.last().expect("a look").megabytes < warm[0].megabytes + 64.0,
        "memory grew from {}",
        warm[0].megabytes
    );
    if length / 2 >= 2 * WARM {
        let begin = looks.partition_point(|look| look.second < WARM.as_secs_f64());
        let growth = slope(&looks[begin..]) * 3_600.0;
        assert!(growth < GROWTH, "memory grows by {growth:.2} MB an hour");
    }
}

/// Measures what the program can do, and gives the pause between two requests of a client at half of that.
async fn half(scene: &mut Scene) -> Duration {
    let begun = Instant::now();
    let writers = scene.ledger.writers(WRITERS, &scene.writer, "measure", Duration::ZERO);
    tokio::time::sleep(Duration::from_secs(3)).await;
    writers.stop().await;
    // A client that waits for as long as its request took asks half as often.
    let each = begun.elapsed() * u32::try_from(WRITERS).expect("a small number");
    each / u32::try_from(scene.ledger.acknowledged().max(1)).expect("a number")
}

/// Reads, signs in and out, sends a message and looks at the process, each second for as long as it is to live.
async fn live(
    scene: &Scene,
    folder: &Folder,
    owner: &str,
    life: Duration,
    pause: Duration,
    beside: &mut Beside,
) -> Vec<Look> {
    let (begun, mut looks) = (Instant::now(), Vec::new());
    while begun.elapsed() < life {
        let second = Instant::now();
        let token = scene.program.sign_in("ann@example.com").await;
        scene.program.send("DELETE", "/v1/auth", &token, &Value::Null, 200).await;
        beside.sessions += 1;
        beside.sent.insert(notify(scene, owner).await);
        while second.elapsed() < Duration::from_secs(1) {
            let batch = (0..READERS).map(|_| scene.read());
            beside.reads += 3 * futures_util::future::join_all(batch).await.len();
            tokio::time::sleep(pause.max(Duration::from_millis(20))).await;
        }
        looks.push(Look {
            second: begun.elapsed().as_secs_f64(),
            megabytes: scene.program.resident_megabytes(),
            files: std::fs::read_dir(format!("/proc/{}/fd", scene.program.id())).expect("it runs").count(),
            log: std::fs::metadata(folder.file("data/rollcall.db-wal")).map_or(0, |log| log.len()),
        });
    }
    looks
}

/// Megabytes a second, by least squares.
fn slope(looks: &[Look]) -> f64 {
    let count: f64 = looks.iter().map(|_| 1.0).sum();
    let mean = |of: fn(&Look) -> f64| looks.iter().map(of).sum::<f64>() / count;
    let (at, height) = (mean(|look| look.second), mean(|look| look.megabytes));
    let above: f64 = looks.iter().map(|look| (look.second - at) * (look.megabytes - height)).sum();
    let below: f64 = looks.iter().map(|look| (look.second - at).powi(2)).sum();
    above / below.max(f64::EPSILON)
}
