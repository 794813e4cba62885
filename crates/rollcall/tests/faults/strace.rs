//! Faults of system calls, made by strace: in a process from its start, or in one that runs, for a while.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Runs a program whose calls fail by a rule such as `fsync:error=EIO:when=3` (each thread counts for itself), and notes them. It is
/// the program that the caller starts and ends, not strace.
pub(crate) fn failing(program: &Command, rule: &str, trace: &Path) -> Command {
    let call = rule.split(':').next().expect("a call");
    let mut command = Command::new("strace");
    command.args(["-D", "-f", "-q", "-e", &format!("trace={call}"), "-e", &format!("inject={rule}"), "-o"]);
    command.arg(trace).arg(program.get_program()).args(program.get_args()).env_clear();
    command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(program.get_current_dir().expect("a folder"));
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

/// How many calls have failed by the rule so far.
pub(crate) fn noted(trace: &Path) -> usize {
    std::fs::read_to_string(trace).expect("a trace").matches("(INJECTED)").count()
}

/// The same once the process has ended.
pub(crate) fn injected(trace: &Path) -> usize {
    let begun = Instant::now();
    loop {
        let lines = std::fs::read_to_string(trace).expect("a trace");
        if lines.lines().last().is_some_and(|line| line.contains(" +++ ")) {
            return lines.matches("(INJECTED)").count();
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "strace does not end: {lines}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A process whose calls fail for as long as this is not dropped.
pub(crate) struct Failing(Child);

impl Failing {
    /// Lets calls of a running process fail with an error.
    pub(crate) fn begin(process: u32, calls: &str, error: &str, trace: &Path) -> Self {
        let child = Command::new("strace")
            .args([
                "-f",
                "-q",
                "-e",
                &format!("trace={calls}"),
                "-e",
                &format!("inject={calls}:error={error}"),
            ])
            .arg("-o")
            .arg(trace)
            .args(["-p", &process.to_string()])
            .spawn()
            .expect("strace is installed");
        let begun = Instant::now();
        while !traced(process) {
            assert!(begun.elapsed() < Duration::from_secs(10), "strace did not take hold of the process");
            std::thread::sleep(Duration::from_millis(10));
        }
        Self(child)
    }

    /// Lets go of the process; says how many calls failed.
    pub(crate) fn end(mut self, trace: &Path) -> usize {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill runs").success());
        self.0.wait().expect("strace ends");
        noted(trace)
    }
}

/// Whether all threads of a process are traced.
fn traced(process: u32) -> bool {
    std::fs::read_dir(format!("/proc/{process}/task")).expect("it runs").all(|task| {
        let status =
            std::fs::read_to_string(task.expect("a thread").path().join("status")).unwrap_or_default();
        status.lines().any(|line| line.starts_with("TracerPid:") && !line.ends_with("\t0"))
    })
}
