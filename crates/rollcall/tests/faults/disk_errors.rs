//! A disk that fails: the n-th write or sync of a thread gives an error, once or from then on. What was acknowledged stays, what was not is
//! there whole or not at all, and the next start finds a sound file.

use std::path::Path;
use std::sync::Arc;

use crate::ledger::{Ledger, Writer};
use crate::process::{Folder, Program};
use crate::scene::{SETTINGS, Scene, end, trials};
use crate::strace::{failing, injected, noted};

/// What fails and how, how far apart the tries are, and how many there are before they begin again: a command writes and reads many pages,
/// and is synced once.
const FAULTS: [(&str, usize, usize); 6] = [
    ("fsync:error=EIO", 1, 201),
    ("pwrite64:error=EIO", 9, 101),
    ("pwrite64:error=ENOSPC", 7, 101),
    ("fsync:error=ENOSPC", 1, 201),
    ("ftruncate:error=EIO", 1, 7),
    ("pread64:error=EIO", 5, 41),
];
const WRITERS: usize = 4;
/// How many commands each writer gives, and how many at most until the call has failed whose turn it is.
const COMMANDS: std::ops::Range<usize> = 10..250;
const SIDE_BY_SIDE: usize = 4;

/// What came of the trials.
#[derive(Default)]
struct Tally {
    /// In which a call failed.
    failed: usize,
    /// In which the server did not start.
    unstarted: usize,
    /// In which it ended by itself.
    ended: usize,
    acknowledged: usize,
    refused: usize,
    /// What the server said meanwhile.
    log: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn no_failing_write_or_sync_lets_an_acknowledged_change_be_lost() {
    let trials = trials(50);
    let template = Folder::new();
    let scene = Scene::start(&template).await;
    let token = scene.writer.token.clone();
    end(scene.program);
    let (mut tally, mut next) = (Tally::default(), 0);
    while next < trials {
        let batch = (next..trials.min(next + SIDE_BY_SIDE)).map(|number| one(&template, &token, number));
        for one in futures_util::future::join_all(batch).await {
            tally.failed += usize::from(one.failed > 0);
            tally.unstarted += one.unstarted;
            tally.ended += one.ended;
            tally.acknowledged += one.acknowledged;
            tally.refused += one.refused;
        }
        next += SIDE_BY_SIDE;
    }
    let Tally { failed, unstarted, ended, acknowledged, refused, .. } = tally;
    println!(
        "failing disk: {trials} trials, a call failed in {failed}; {unstarted} starts refused, {ended} processes ended, \
         {acknowledged} acknowledged, 0 lost, {refused} refused with 503, every restart clean"
    );
    assert!(failed * 2 > trials, "a call failed in {failed} of {trials}");
}

async fn one(template: &Folder, token: &str, number: usize) -> Tally {
    // A new file, whose first calls are those of its making, or one that has somebody in it.
    let fresh = number % 7 == 6;
    let folder = Folder::new();
    if !fresh {
        copy(&template.file("data"), &folder.file("data"));
    }
    let round = number / FAULTS.len();
    let from_then_on = if round % 2 == 1 { "+" } else { "" };
    let (fault, step, tries) = FAULTS[number % FAULTS.len()];
    let rule = format!("{fault}:when={}{from_then_on}", 1 + round % tries * step);
    let trace = folder.file("trace");
    let mut program = folder.command(&["serve"]);
    program.env("ROLLCALL_LISTEN", "127.0.0.1:0").envs(SETTINGS);
    let log = std::fs::File::create(folder.file("log")).expect("a log");
    let mut traced = failing(&program, &rule, &trace);
    let started = tokio::task::block_in_place(|| Program::try_start(traced.stderr(log)));
    let mut tally = Tally::default();
    let ledger = Arc::new(Ledger::default());
    match started {
        Err(_) => {
            tally.unstarted = 1;
            assert!(
                folder.log().contains("rollcall: "),
                "{rule}: it did not start and said {:?}",
                folder.log()
            );
        }
        Ok(mut program) => {
            if !fresh {
                let writer =
                    Writer { http: program.http.clone(), url: program.url.clone(), token: token.to_owned() };
                let writers = (0..WRITERS).map(|writer_number| {
                    let (ledger, writer, trace) = (&ledger, &writer, &trace);
                    async move {
                        for round in 0..COMMANDS.end {
                            if round >= COMMANDS.start && noted(trace) > 0 {
                                break;
                            }
                            ledger.create(writer, &format!("{writer_number}-{round}")).await;
                        }
                    }
                });
                futures_util::future::join_all(writers).await;
            }
            if program.lives() {
                // With a failing disk to the end it may say that it could not close its file.
                tokio::task::block_in_place(|| program.terminate());
            } else {
                tally.ended = 1;
            }
        }
    }
    (tally.failed, tally.log) = (injected(&trace), folder.log());
    // The fault is gone.
    let program = tokio::task::block_in_place(|| folder.serve(&SETTINGS));
    program.send("GET", "/readyz", "", &serde_json::Value::Null, 200).await;
    if !fresh {
        let writer = Writer { http: program.http.clone(), url: program.url.clone(), token: token.to_owned() };
        assert!(
            ledger.create(&writer, "afterwards").await,
            "{rule}: nothing can be written after the restart"
        );
    }
    end(program);
    assert_eq!(ledger.wrong(), Vec::<String>::new(), "{rule}: {}", tally.log);
    ledger.check(&folder.file("data/rollcall.db"));
    (tally.acknowledged, tally.refused) = (ledger.acknowledged(), ledger.refused());
    tally
}

/// A folder without folders.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for file in std::fs::read_dir(from).expect("a folder") {
        let file = file.expect("a file");
        std::fs::copy(file.path(), to.join(file.file_name())).expect("a copy");
    }
}
