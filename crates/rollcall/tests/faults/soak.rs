//! Half of what the program can do, for long, with a kill in between: memory, files and the log do not grow, and nothing is lost.
//!
//! `SOAK_SECONDS=600 cargo test --release -p rollcall --test faults -- --nocapture soak`

use std::time::{Duration, Instant};

use crate::process::{Folder, Program};
use crate::scene::{SETTINGS, Scene, end};

/// From one kill to the next, at most.
const LIFE: Duration = Duration::from_secs(5 * 60);
const WRITERS: usize = 8;
const READERS: usize = 8;
const LOG: u64 = 64 * 1024 * 1024;

/// One look at the process, so many seconds after its start.
struct Look {
    second: f64,
    megabytes: f64,
    files: usize,
    log: u64,
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
    let pause = half(&mut scene).await;
    let lives = (length.as_secs().div_ceil(LIFE.as_secs())).max(2);
    let life = length / u32::try_from(lives).expect("a small number");
    let (mut looks, mut reads) = (Vec::new(), 0);
    for number in 0..lives {
        let writers = scene.ledger.writers(WRITERS, &scene.writer, &format!("soak-{number}"), pause);
        let (these, read) = live(&scene, &folder, life, pause).await;
        looks = these;
        reads += read;
        if number + 1 < lives {
            // As kill -9 does.
            let killed = scene.program;
            drop(killed);
            let program: Program = tokio::task::block_in_place(|| folder.serve(&SETTINGS));
            writers.stop().await;
            scene.writer.url.clone_from(&program.url);
            scene.writer.http = program.http.clone();
            scene.program = program;
            scene.writer.token = scene.program.sign_in("ann@example.com").await;
        } else {
            writers.stop().await;
        }
    }
    end(scene.program);
    scene.ledger.check(&folder.file("data/rollcall.db"));
    // What a life begins with is warming up.
    let warm = &looks[looks.len() / 3..];
    let (few, many) = (warm.iter().map(|look| look.files).min(), warm.iter().map(|look| look.files).max());
    let log = looks.iter().map(|look| look.log).max().unwrap_or_default();
    println!(
        "soak: {} s in {lives} lives, {} acknowledged, 0 lost, {reads} reads; memory {:.0} to {:.0} MB, by {:+.1} MB an hour, {} to {} files, \
         log at most {} MB",
        length.as_secs(),
        scene.ledger.acknowledged(),
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

/// Reads and looks at the process for as long as it is to live.
async fn live(scene: &Scene, folder: &Folder, life: Duration, pause: Duration) -> (Vec<Look>, usize) {
    let (begun, mut looks, mut reads) = (Instant::now(), Vec::new(), 0);
    while begun.elapsed() < life {
        let second = Instant::now();
        while second.elapsed() < Duration::from_secs(1) {
            let batch = (0..READERS).map(|_| scene.read());
            reads += 3 * futures_util::future::join_all(batch).await.len();
            tokio::time::sleep(pause.max(Duration::from_millis(20))).await;
        }
        looks.push(Look {
            second: begun.elapsed().as_secs_f64(),
            megabytes: scene.program.resident_megabytes(),
            files: std::fs::read_dir(format!("/proc/{}/fd", scene.program.id())).expect("it runs").count(),
            log: std::fs::metadata(folder.file("data/rollcall.db-wal")).map_or(0, |log| log.len()),
        });
    }
    (looks, reads)
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
