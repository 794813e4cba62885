//! The load: wrk with the script beside the peers, and what it found.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::process::Command;

use crate::contestant::Contestant;

/// What one run found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    /// Answers per second.
    pub(crate) rate: f64,
    /// Milliseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// Answers that were refusals, and connections that failed.
    pub(crate) errors: u64,
    /// Microseconds of the contestant's processor time for an answer.
    pub(crate) processor: f64,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) enum Work {
    Profile,
    Members,
    /// The same past any cache.
    ProfileFresh,
    MembersFresh,
    /// The list again by its tag.
    NotModified(String),
    /// Durable.
    CreateTeam,
    /// Durable, by whose tokens are in a file.
    CreateTeams(PathBuf),
    /// 95 lists to 5 creates.
    Mixed,
    SignIn,
    /// Reads by customers drawn from a file of tokens and paths.
    Draws(PathBuf),
    /// The same past any cache.
    DrawsFresh(PathBuf),
}

pub(crate) const WARM_UP: Duration = Duration::from_millis(500);

/// The folder of the peers, with the script for wrk.
pub(crate) fn peers() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../benches/peers"))
}

impl Work {
    /// The words that follow wrk's `--`.
    fn words(&self, contestant: &Contestant) -> Vec<String> {
        static RUN: AtomicU64 = AtomicU64::new(0);
        let run = format!("{}-{}", std::process::id(), RUN.fetch_add(1, Ordering::Relaxed));
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let (token, name) = (contestant.token.as_str(), "{\"name\":\"{}\"}");
        match self {
            Self::Profile => owned(&["get", token, &contestant.profile]),
            Self::Members => owned(&["get", token, &contestant.members]),
            Self::ProfileFresh => owned(&["fresh", token, &contestant.profile]),
            Self::MembersFresh => owned(&["fresh", token, &contestant.members]),
            Self::NotModified(tag) => owned(&["get", token, &contestant.members, tag]),
            Self::CreateTeam => owned(&["post", token, &contestant.teams, name, &run]),
            Self::CreateTeams(tokens) => {
                owned(&["spread", "-", &contestant.teams, name, &run, &tokens.display().to_string()])
            }
            Self::Mixed => owned(&["mixed", token, &contestant.members, &contestant.teams, name, &run]),
            Self::SignIn => {
                let body = format!(
                    "{{\"email\":\"member-0@example.com\",\"password\":\"{}\"}}",
                    crate::rollcall_program::PASSWORD
                );
                owned(&["post", "-", "/v1/auth", &body, &run])
            }
            Self::Draws(file) => owned(&["draws", "-", &file.display().to_string()]),
            Self::DrawsFresh(file) => owned(&["draws", "-", &file.display().to_string(), "no-cache"]),
        }
    }
}

/// Puts the load on; the caller has warmed the contestant up.
pub(crate) async fn run(contestant: &Contestant, work: &Work, clients: usize, run: Duration) -> Figures {
    let before = contestant.processor_seconds();
    let seconds = format!("{}s", run.as_secs().max(1));
    let output = Command::new("wrk")
        .args([format!("-t{}", clients.min(2)), format!("-c{clients}"), format!("-d{seconds}")])
        .args(["--latency", "--timeout", "10s", "-s"])
        .arg(peers().join("load.lua"))
        .arg(&contestant.base)
        .arg("--")
        .args(work.words(contestant))
        .stderr(Stdio::inherit())
        .output()
        .await
        .expect("wrk is installed");
    let used = contestant.processor_seconds() - before;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.strip_prefix("figures ")).expect("wrk's figures");
    let numbers: Vec<f64> = line.split(' ').filter_map(|word| word.parse().ok()).collect();
    let &[requests, microseconds, errors, p50, p99] = numbers.as_slice() else {
        panic!("five figures: {line}")
    };
    Figures {
        rate: requests / microseconds * 1e6,
        p50: p50 / 1e3,
        p99: p99 / 1e3,
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
        errors: errors as u64,
        processor: used / requests.max(1.0) * 1e6,
    }
}

/// The median of each figure, and all errors.
pub(crate) fn medians(runs: &[Figures]) -> Figures {
    let of = |figure: fn(&Figures) -> f64| crate::median(runs.iter().map(figure).collect());
    Figures {
        rate: of(|run| run.rate),
        p50: of(|run| run.p50),
        p99: of(|run| run.p99),
        errors: runs.iter().map(|run| run.errors).sum(),
        processor: of(|run| run.processor),
    }
}
