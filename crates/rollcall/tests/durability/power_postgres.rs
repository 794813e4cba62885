//! Power cuts on PostgreSQL: a server of its own, traced with all of its processes and, in the same trace, the program before it. What is
//! cut is the server's power; the program keeps nothing but its keys.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio_postgres::Client;

use super::cuts::{Life, Recorded, Started, cut_again_and_again, ended};
use super::disk::{Disk, Unsynced};
use super::facts::Storage;
use super::ledger::Ledger;
use super::process::{Folder, Program};
use super::server::Server;
use super::trace::{self, Step};
use super::trials::trials;
use super::writers::{self, Target, WRITERS};

/// How many commands each writer gives.
const COMMANDS: usize = 24;
/// After so many commands the log is carried over into the data, beside those that come then.
const CHECKPOINT: usize = 64;
/// Little log, so that its files are used again.
const SERVER: &str = "fsync = on
synchronous_commit = on
full_page_writes = on
min_wal_size = 8MB
max_wal_size = 16MB
log_min_messages = fatal";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL"]
async fn on_postgresql_too_nothing_acknowledged_is_lost_when_the_power_fails() {
    cut_again_and_again::<Postgres>(trials(8)).await;
}

struct Postgres {
    life: Life,
    /// What a clean end had left on the disk before.
    base: Disk,
    /// Where the program has its keys.
    folder: Folder,
    /// Whether the server can look into its own files.
    looks: bool,
}

impl Recorded for Postgres {
    const ENGINE: &str = "PostgreSQL";
    const WEAKER: &str = "synchronous_commit=off";
    const PAGE: usize = 8_192;
    const CUTS: (usize, usize) = (40, 2);
    type Place = Server;

    async fn record() -> Self {
        let (folder, server) = (Folder::new(), Server::with(&["--wal-segsize", "1"], SERVER));
        // The schema and who signs up are made beforehand: new tables are made with a name that no sync of their folder covers, which
        // file systems forgive and this disk does not.
        let storage = Storage::postgres(&server.client().await, server.url()).await;
        let program = tokio::task::block_in_place(|| folder.serve(&settings(&server.url())));
        let token = program.sign_up("Ann").await;
        drop(program);
        server.stop();
        let base = Disk::of(&server.data());

        let output = folder.file("trace");
        let mut command = trace::traced(&both(&server, &folder), &output);
        let log = std::fs::File::create(folder.file("log")).expect("a log");
        command.stdout(Stdio::piped()).stderr(log);
        let program = tokio::task::block_in_place(|| Program::start(&mut command));
        let ledger = Ledger::at(&folder.file("ledger"));
        let checkpoints = tokio::spawn(checkpoints(server.client().await));
        let target = Target::of(&program, &token).patient(Duration::from_secs(30));
        for writer in writers::start(&target, &ledger, "key-0-", COMMANDS) {
            writer.await.expect("a writer ends");
        }
        checkpoints.await.expect("the last checkpoint");
        drop(program);
        let last = format!("{:<5} +++ exited with", server.postmaster());
        server.crash();
        let steps = trace::read(&ended(&output, &last).await, &server.data(), false);
        let again = |step: &Step| match step {
            Step::Renamed { from, to } | Step::Linked { from, to } => Self::is_log(from) && Self::is_log(to),
            _ => false,
        };
        assert!(steps.iter().any(again), "no file of the log was used again");
        let is_data = |path: &Path| path.starts_with("base");
        let life = Life::new(steps, ledger.entries(), token, WRITERS * COMMANDS, is_data);
        Self { life, base, folder, looks: matches!(storage, Storage::Postgres(_, true)) }
    }

    fn life(&self) -> &Life {
        &self.life
    }

    fn disk(&self) -> Disk {
        self.base.clone()
    }

    /// A segment, by the length of its name: one that is still being made has another.
    fn is_log(path: &Path) -> bool {
        path.parent() == Some(Path::new("pg_wal")) && path.file_name().is_some_and(|name| name.len() == 24)
    }

    /// With `synchronous_commit=off` the log is synced before anything that it tells of is written elsewhere, and not with each commit:
    /// what stays is the last sync of each segment before each write elsewhere. (And now and then by a process of its own, which is left
    /// out here: a power cut may come before.)
    fn stays() -> impl FnMut(&Step) -> bool {
        // None: nothing is written elsewhere any more.
        let mut synced: Option<BTreeSet<PathBuf>> = None;
        move |step| {
            match step {
                Step::Wrote { path, .. } if !path.starts_with("pg_wal") => synced = Some(BTreeSet::new()),
                Step::Synced { path, .. } if Self::is_log(path) => {
                    return synced.as_mut().is_some_and(|synced| synced.insert(path.clone()));
                }
                _ => {}
            }
            true
        }
    }

    fn start(&self, disk: &Disk, unsynced: Unsynced) -> Started<Server> {
        let server = Server::on(|data| {
            disk.write_to(data, unsynced);
            // The power is not cut again: what is carried over now need not be waited for.
            let settings = std::fs::OpenOptions::new().append(true).open(data.join("postgresql.auto.conf"));
            settings.expect("settings").write_all(b"fsync = off\n").expect("one more");
        });
        let program = self.folder.serve(&settings(&server.url()));
        Started { program, storage: Storage::Postgres(server.url(), self.looks), _place: server }
    }
}

fn settings(url: &str) -> [(&str, &str); 3] {
    [("ROLLCALL_DATABASE_URL", url), ("ROLLCALL_RATE_LIMITS", "off"), ("ROLLCALL_LOG", "error")]
}

/// The database server and, once it takes connections, the program, which is the one that is killed with this command: one trace of
/// both has what either did in the order in which it happened.
fn both(server: &Server, folder: &Folder) -> Command {
    let program = folder.command(&["serve", "--listen", "127.0.0.1:0"]);
    let [postmaster, ready, program] = [&server.foreground(), &server.is_ready(), &program].map(words);
    let script = format!("{postmaster} >&2 & until {ready}; do sleep 0.1; done; exec {program}");
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).envs(settings(&server.url())).current_dir(folder.path());
    command
}

/// A command as a shell reads it.
fn words(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    let quoted = words.map(|word| format!("'{}'", word.to_str().expect("text").replace('\'', r"'\''")));
    quoted.collect::<Vec<_>>().join(" ")
}

/// Carries the log over again and again, by how many commands have been carried out and not by the clock.
async fn checkpoints(client: Client) {
    for wanted in (CHECKPOINT..WRITERS * COMMANDS).step_by(CHECKPOINT) {
        let count = "select count(*) from idempotency";
        let there = async || client.query_one(count, &[]).await.expect("a count").get::<_, i64>(0);
        let waited = tokio::time::timeout(Duration::from_secs(60), async {
            while there().await < i64::try_from(wanted).expect("a small number") {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        waited.await.expect("the writers go on");
        client.batch_execute("checkpoint").await.expect("a checkpoint");
    }
}
