//! The disk has it before the answer: a trace of writes and syncs, read against the acknowledgements.

use std::process::{Command, Stdio};
use std::sync::Arc;

use jiff::Timestamp;
use rollcall::db::{Db, Error, Settings, Synchronous};
use rollcall::domain::event::{Action, By, Event, Target};
use rollcall::domain::id::OrganizationId;
use rollcall::entropy::SystemEntropy;

use crate::process::Folder;

const COMMANDS: usize = 40;
const FILE: &str = "ROLLCALL_TEST_FILE";
const SYNCHRONOUS: &str = "ROLLCALL_TEST_SYNCHRONOUS";

/// What a trace shows of one run.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    acknowledged: usize,
    /// Acknowledged while the log had bytes that no sync had covered.
    unsynced: usize,
}

#[test]
fn every_acknowledged_command_was_synced_before_its_answer() {
    assert_eq!(trace("full"), Seen { acknowledged: COMMANDS, unsynced: 0 });
}

#[test]
fn the_trace_would_show_a_missing_sync() {
    for weaker in ["normal", "off"] {
        let seen = trace(weaker);
        assert_eq!(seen.acknowledged, COMMANDS);
        assert!(seen.unsynced > COMMANDS / 2, "{weaker}: {seen:?}");
    }
}

/// Runs [`commands`] in a process of its own under `strace`.
fn trace(synchronous: &str) -> Seen {
    let folder = Folder::new();
    let output = folder.path().join("trace");
    let status = Command::new("strace")
        .args(["-f", "-y", "-e", "trace=write,pwrite64,fdatasync,fsync", "-o"])
        .arg(&output)
        .arg(std::env::current_exe().expect("this program"))
        .args(["--ignored", "--exact", "syncs::commands", "--nocapture"])
        .env(FILE, folder.file("rollcall.db"))
        .env(SYNCHRONOUS, synchronous)
        .stdout(Stdio::null())
        .status()
        .expect("strace is installed");
    assert!(status.success());
    read(&std::fs::read_to_string(output).expect("a trace"))
}

/// Carries out commands one after the other and says so after each.
#[tokio::test]
#[ignore = "the traced half of the tests above"]
#[expect(clippy::disallowed_methods, reason = "a test program takes its arguments from the environment")]
async fn commands() {
    let file = std::env::var_os(FILE).expect("run by the tests above");
    let synchronous = match std::env::var(SYNCHRONOUS).as_deref() {
        Ok("off") => Synchronous::Off,
        Ok("normal") => Synchronous::Normal,
        _ => Synchronous::Full,
    };
    let settings = Settings { synchronous, ..Settings::sqlite(file.into(), Arc::new(SystemEntropy)) };
    let now = Timestamp::UNIX_EPOCH;
    let db = Db::open(settings, now).await.expect("the database opens");
    for number in 0..COMMANDS {
        db.write(move |tx| {
            let event = Event::new(OrganizationId::NONE, Action::SignUpRequested, Target::Server);
            tx.commit(&By::service("test"), now, event, ())
        })
        .await
        .map_err(|error: Error| error)
        .expect("committed");
        println!("acknowledged {number}");
    }
}

fn read(trace: &str) -> Seen {
    let mut seen = Seen::default();
    let mut dirty = false;
    for line in trace.lines() {
        let log = line.contains("rollcall.db-wal>");
        if line.contains("pwrite64(") && log {
            dirty = true;
        } else if (line.contains("fdatasync(") || line.contains("fsync(")) && log {
            dirty = false;
        } else if line.contains("write(") && line.contains("\"acknowledged ") {
            seen.acknowledged += 1;
            seen.unsynced += usize::from(dirty);
        }
    }
    seen
}
