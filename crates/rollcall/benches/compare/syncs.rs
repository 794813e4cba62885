//! How often a contestant tells the disk to keep what it has written, while it is asked to make teams: counted by strace, which slows it
//! down, so that nothing else is measured meanwhile.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Command;

use crate::contestant::{Contestant, Folder};
use crate::load::{self, Work};

/// What was counted.
pub(crate) struct Count {
    pub(crate) creates: f64,
    pub(crate) syncs: usize,
}

/// Of a run with so many clients; none where strace is not installed.
pub(crate) async fn count(contestant: &Contestant, clients: usize, run: Duration) -> Option<Count> {
    let folder = Folder::new("syncs");
    let output = folder.path().join("calls");
    let mut tracer = Command::new("strace")
        .args(["-f", "-qq", "-e", "trace=fsync,fdatasync", "-o"])
        .arg(&output)
        .args(["-p", &contestant.id().to_string()])
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .ok()?;
    while !traced(contestant.id()) {
        if tracer.try_wait().expect("the tracer").is_some() {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let figures = load::run(contestant, &Work::CreateTeam, clients, run).await;
    let id = Pid::from_raw(tracer.id().expect("it runs").cast_signed()).expect("a process");
    kill_process(id, Signal::INT).expect("it runs");
    tracer.wait().await.expect("it ends");
    let calls = std::fs::read_to_string(&output).expect("the calls");
    // A call that another thread's came into stands on two lines.
    let syncs = calls.lines().filter(|line| line.contains("sync(")).count();
    Some(Count { creates: figures.rate * run.as_secs_f64(), syncs })
}

/// Whether each thread of a process is traced.
fn traced(process: u32) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).expect("it runs");
    threads.filter_map(Result::ok).all(|thread| {
        std::fs::read_to_string(thread.path().join("status"))
            .map_or(true, |status| !status.contains("TracerPid:\t0\n"))
    })
}
