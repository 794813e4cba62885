//! A file system that takes no changes: found at the start, or turned so under load, as one does that has found an error in itself.

use std::time::{Duration, Instant};

use crate::process::{Folder, refusal};
use crate::scene::{Mounted, SETTINGS, Scene, end, trials};
use crate::strace::Failing;

/// Linux turns no file system read-only for which a file is open for writing, unless that finds an error in itself; what a program sees
/// then is this.
const CALLS: &str = "pwrite64,ftruncate,fallocate,fdatasync,fsync";
const RECOVERED: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_file_system_that_turns_read_only_under_load_costs_nothing_that_was_acknowledged() {
    let trials = trials(3);
    let (mut acknowledged, mut refused, mut slowest, mut failed) = (0, 0, Duration::ZERO, 0);
    for trial in 0..trials {
        let folder = Folder::new();
        let scene = Scene::start(&folder).await;
        let writers = scene.ledger.writers(8, &scene.writer, "read-only", Duration::from_millis(1));
        tokio::time::sleep(Duration::from_millis(100 + (trial as u64) * 67 % 400)).await;
        let trace = folder.file("trace");
        let failing =
            tokio::task::block_in_place(|| Failing::begin(scene.program.id(), CALLS, "EROFS", &trace));
        let before = (scene.ledger.refused(), Instant::now());
        while before.1.elapsed() < Duration::from_secs(2) || scene.ledger.refused() == before.0 {
            scene.read().await;
            assert!(
                before.1.elapsed() < Duration::from_secs(20),
                "nothing is refused while nothing can be written"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(scene.ready().await, 503, "it says that it is ready while nothing can be written");
        failed += tokio::task::block_in_place(|| failing.end(&trace));
        slowest = slowest.max(scene.recovered("read-only", RECOVERED).await);
        writers.stop().await;
        end(scene.program);
        scene.ledger.check_whole(&folder.file("data/rollcall.db"));
        acknowledged += scene.ledger.acknowledged();
        refused += scene.ledger.refused();
    }
    println!(
        "read-only under load: {trials} trials, {failed} calls failed, {acknowledged} acknowledged, 0 lost, {refused} refused with 503, \
         ready and writing {slowest:.1?} after it was writable at the latest"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_on_a_read_only_folder_ends_within_two_seconds_with_a_line_that_says_so() {
    let (folder, fresh) = (Folder::new(), Folder::new());
    let disk = Mounted::at(folder.file("data"), 10);
    end(Scene::start(&folder).await.program);
    disk.remount("ro");
    let empty = Mounted::at(fresh.file("data"), 10);
    empty.remount("ro");
    let begun = Instant::now();
    let trials = trials(3);
    for _ in 0..trials {
        for (folder, file) in [(&folder, "rollcall.db"), (&fresh, "secret.key")] {
            let mut command = folder.command(&["serve"]);
            let line = refusal(command.env("ROLLCALL_LISTEN", "127.0.0.1:0").envs(SETTINGS));
            assert!(line.contains("Read-only") && line.contains(file), "{line}");
        }
    }
    let each = begun.elapsed() / u32::try_from(2 * trials).expect("a small number");
    println!("start on a read-only folder: {} trials, refused in one line after {each:.1?}", 2 * trials);
    disk.remount("rw");
    let program = tokio::task::block_in_place(|| folder.serve(&SETTINGS));
    program.sign_in("ann@example.com").await;
    end(program);
}
