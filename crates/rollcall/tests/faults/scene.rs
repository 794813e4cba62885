//! A server of a trial's own with somebody signed up, on a file system of its own where the trial needs one.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::ledger::{Ledger, Writer};
use crate::process::{Folder, Program};

/// Limits off, so that writers may write; only what matters in the log.
pub(crate) const SETTINGS: [(&str, &str); 4] = [
    ("ROLLCALL_RATE_LIMITS", "off"),
    ("ROLLCALL_LOG", "warn"),
    ("ROLLCALL_WEBHOOK_ALLOW_HTTP", "true"),
    ("ROLLCALL_OUTBOUND_ALLOW", "127.0.0.0/8"),
];

/// How many trials of a kind: `usual` unless `TRIALS` asks for more.
#[expect(clippy::disallowed_methods, reason = "a test program takes its arguments from the environment")]
pub(crate) fn trials(usual: usize) -> usize {
    std::env::var("TRIALS").ok().and_then(|number| number.parse().ok()).unwrap_or(usual)
}

/// A small file system in memory, mounted until this is dropped.
pub(crate) struct Mounted(PathBuf);

impl Mounted {
    pub(crate) fn at(path: PathBuf, megabytes: u32) -> Self {
        std::fs::create_dir_all(&path).expect("a folder");
        let size = format!("size={megabytes}m");
        run("mount", &["-t", "tmpfs", "-o", &size, "tmpfs", text(&path)]);
        Self(path)
    }

    pub(crate) fn remount(&self, how: &str) {
        run("mount", &["-o", &format!("remount,{how}"), text(&self.0)]);
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Whoever has a file open there is about to end.
        run("umount", &["--lazy", text(&self.0)]);
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// Runs a program that must succeed.
pub(crate) fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output().expect(program);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {errors} (trials that mount need the superuser)"
    );
}

/// A server with somebody who writes.
pub(crate) struct Scene {
    pub(crate) program: Program,
    pub(crate) writer: Writer,
    pub(crate) ledger: Arc<Ledger>,
}

impl Scene {
    /// Starts a server on the folder and signs somebody up.
    pub(crate) async fn start(folder: &Folder) -> Self {
        let program = tokio::task::block_in_place(|| folder.serve(&SETTINGS));
        Self::with(program).await
    }

    /// The same with a server that runs.
    pub(crate) async fn with(program: Program) -> Self {
        let token = program.sign_up("Ann").await;
        let writer = Writer { http: program.http.clone(), url: program.url.clone(), token };
        Self { program, writer, ledger: Arc::default() }
    }

    /// The status of `/readyz`.
    pub(crate) async fn ready(&self) -> u16 {
        let answer = self.program.http.get(format!("{}/readyz", self.program.url)).send().await;
        answer.expect("an answer").status().as_u16()
    }

    /// Reads past what is kept ready, and what may be kept ready.
    pub(crate) async fn read(&self) {
        for control in ["no-cache", "max-age=0"] {
            let request = self.writer.http.get(format!("{}/v1/teams?limit=5", self.writer.url));
            let request = request.bearer_auth(&self.writer.token).header("cache-control", control);
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status().as_u16(), 200, "a read");
        }
        self.program.send("GET", "/v1/teams?limit=5", &self.writer.token, &Value::Null, 200).await;
    }

    /// Waits until it is ready and takes a change again; says how long that took, at most so long.
    pub(crate) async fn recovered(&self, name: &str, within: Duration) -> Duration {
        let begun = Instant::now();
        for round in 0.. {
            let written = self.ledger.create(&self.writer, &format!("{name}-again-{round}")).await;
            if written && self.ready().await == 200 {
                break;
            }
            assert!(begun.elapsed() < within, "{name}: nothing is written {within:?} after there was room");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        begun.elapsed()
    }
}

/// Ends a server as an init system does; it must end with 0.
pub(crate) fn end(program: Program) {
    let status = tokio::task::block_in_place(|| program.terminate());
    assert_eq!(status.code(), Some(0));
}
