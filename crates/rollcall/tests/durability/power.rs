//! Power cuts on SQLite: the real program under the writers, traced; its folder is all that there is.

use std::path::Path;
use std::process::Stdio;

use super::cuts::{Life, Recorded, Started, cut_again_and_again, ended};
use super::disk::{Disk, Unsynced};
use super::facts::Storage;
use super::ledger::Ledger;
use super::process::{Folder, Program};
use super::trace::{self, Step};
use super::trials::trials;
use super::writers::{self, Target, WRITERS};

/// How many commands each writer gives.
const COMMANDS: usize = 24;
const SETTINGS: [(&str, &str); 2] = [("ROLLCALL_RATE_LIMITS", "off"), ("ROLLCALL_LOG", "error")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_power_fails() {
    cut_again_and_again::<Sqlite>(trials(32)).await;
}

struct Sqlite(Life);

impl Recorded for Sqlite {
    const ENGINE: &str = "SQLite";
    const WEAKER: &str = "synchronous=NORMAL";
    const PAGE: usize = 4_096;
    const CUTS: (usize, usize) = (80, 6);
    type Place = Folder;

    async fn record() -> Self {
        let folder = Folder::new();
        let output = folder.file("trace");
        let mut program = folder.command(&["serve", "--listen", "127.0.0.1:0"]);
        program.envs(SETTINGS);
        let mut command = trace::traced(&program, &output);
        command.stdout(Stdio::piped());
        let program = tokio::task::block_in_place(|| Program::start(&mut command));
        let token = program.sign_up("Ann").await;
        let ledger = Ledger::at(&folder.file("ledger"));
        for writer in writers::start(&Target::of(&program, &token), &ledger, "key-0-", COMMANDS) {
            writer.await.expect("a writer ends");
        }
        drop(program);
        let steps = trace::read(&ended(&output, "+++ killed by SIGKILL +++").await, folder.path(), true);
        let is_data = |path: &Path| path.ends_with("rollcall.db");
        Self(Life::new(steps, ledger.entries(), token, WRITERS * COMMANDS, is_data))
    }

    fn life(&self) -> &Life {
        &self.0
    }

    fn disk(&self) -> Disk {
        Disk::new()
    }

    fn is_log(path: &Path) -> bool {
        path.ends_with("rollcall.db-wal")
    }

    /// With `synchronous=NORMAL` the log is synced before it is carried over into the database, and not with each commit.
    fn stays() -> impl FnMut(&Step) -> bool {
        let mut carried_over = false;
        move |step| {
            match step {
                Step::Wrote { path, .. } if path.ends_with("rollcall.db") => carried_over = true,
                Step::Wrote { path, .. } if Self::is_log(path) => carried_over = false,
                Step::Synced { path, .. } if Self::is_log(path) => return carried_over,
                _ => {}
            }
            true
        }
    }

    fn start(&self, disk: &Disk, unsynced: Unsynced) -> Started<Folder> {
        let folder = Folder::new();
        disk.write_to(folder.path(), unsynced);
        let storage = Storage::Sqlite(folder.file("data").join("rollcall.db"));
        Started { program: folder.serve(&SETTINGS), storage, _place: folder }
    }
}
