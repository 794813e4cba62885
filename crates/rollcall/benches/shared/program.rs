//! The program itself: start, memory at rest, size.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// The first start makes the database; it does not count.
const LAST: u32 = 5;

/// As cargo builds it.
pub(crate) const BUILT: &str = env!("CARGO_BIN_EXE_rollcall");

/// In words, a line each.
pub(crate) async fn figures(program: &Path) -> String {
    let folder = std::env::temp_dir().join(format!("rollcall-start-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (mut starts, mut idle) = (Vec::new(), 0.0);
    for round in 0..=LAST {
        let begun = Instant::now();
        let mut child = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "error", "--data-dir"])
            .arg(&folder)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        lines.next_line().await.expect("its output").expect("it is ready");
        if round > 0 {
            starts.push(begun.elapsed().as_secs_f64() * 1_000.0);
        }
        // At rest: what the start has freed goes back to the system within ten seconds, or a little more.
        tokio::time::sleep(if round < LAST { Duration::from_millis(200) } else { Duration::from_secs(20) })
            .await;
        idle = resident_megabytes(child.id().expect("it runs"));
        child.kill().await.expect("killed");
    }
    std::fs::remove_dir_all(&folder).expect("removed");
    let size = std::fs::metadata(program).expect("the program").len();
    let starts = crate::median(starts);
    let size = f64::from(u32::try_from(size / 1_000).expect("small")) / 1_000.0;
    format!(
        "- start to ready on an existing database: {starts:.0} ms\n- resident memory idle: {idle:.1} MB\n\
         - size of the program: {size:.1} MB"
    )
}

pub(crate) fn resident_megabytes(id: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("a Linux system");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its resident memory");
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse().expect("a number");
    kilobytes / 1_000.0
}
