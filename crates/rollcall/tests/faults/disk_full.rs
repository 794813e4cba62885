//! A disk that is full: commands are refused, queries answered, and with room again everything goes on by itself.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::process::Folder;
use crate::scene::{Mounted, Scene, end, trials};

/// When it must work again once there is room.
const RECOVERED: Duration = Duration::from_secs(5);
/// So many refusals say that the disk is full for good: a small commit still finds room now and then.
const REFUSALS: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_commands_answers_queries_and_is_left_behind_within_five_seconds() {
    let trials = trials(5);
    let (mut acknowledged, mut refused, mut slowest) = (0, 0, Duration::ZERO);
    for trial in 0..trials {
        let folder = Folder::new();
        let disk = Mounted::at(folder.file("data"), 10);
        let scene = Scene::start(&folder).await;
        let writers = scene.ledger.writers(8, &scene.writer, "full", Duration::ZERO);
        // Another fill of the log in each trial.
        tokio::time::sleep(Duration::from_millis(100 + (trial as u64) * 67 % 400)).await;
        fill(disk.path());
        let begun = Instant::now();
        while scene.ledger.refused() < REFUSALS {
            scene.read().await;
            assert!(begun.elapsed() < Duration::from_secs(30), "the disk never became full");
        }
        for _ in 0..10 {
            scene.read().await;
            assert_eq!(scene.ready().await, 503, "it says that it is ready while it refuses commands");
        }
        std::fs::remove_file(disk.path().join("filler")).expect("room");
        slowest = slowest.max(scene.recovered("full", RECOVERED).await);
        tokio::time::sleep(Duration::from_millis(100)).await;
        writers.stop().await;
        end(scene.program);
        scene.ledger.check_whole(&folder.file("data/rollcall.db"));
        acknowledged += scene.ledger.acknowledged();
        refused += scene.ledger.refused();
    }
    println!(
        "disk full: {trials} trials, {acknowledged} acknowledged, 0 lost, {refused} refused with 503, \
         ready and writing {slowest:.1?} after there was room at the latest"
    );
}

/// Leaves no byte free.
fn fill(folder: &Path) {
    let mut filler = std::fs::File::create(folder.join("filler")).expect("a file");
    for size in [1 << 20, 1 << 12, 1] {
        while filler.write_all(&vec![0; size]).is_ok() {}
    }
}
