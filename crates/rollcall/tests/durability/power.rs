//! Power cuts: the real program under the writers, traced; its folder as each of many moments left it on the disk, started again and
//! held against the ledger.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use super::disk::{Chance, Disk, Unsynced};
use super::facts::Storage;
use super::ledger::{Entry, Ledger};
use super::process::{Folder, Program};
use super::settle::{finish, writer};
use super::trace::{self, Step};
use super::trials::trials;
use super::verdict::Verdict;
use super::writers::{self, Target, WRITERS};

/// How many commands each writer gives.
const COMMANDS: usize = 24;
/// How many power cuts one trace serves for.
const CUTS: usize = 80;
const SETTINGS: [(&str, &str); 2] = [("ROLLCALL_RATE_LIMITS", "off"), ("ROLLCALL_LOG", "error")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_power_fails() {
    let cuts = trials(32);
    let (mut figures, mut weak) = (Figures::default(), Figures::default());
    for first in (0..cuts).step_by(CUTS) {
        let run = Run::record().await;
        for cut in first..cuts.min(first + CUTS) {
            // Three in four lose all that was not synced, the fourth keeps torn pieces of it.
            let chance = Chance::new(cut as u64);
            let unsynced = match cut % 4 {
                3 => Unsynced::Torn { block: if cut % 8 == 3 { 512 } else { 4_096 }, chance },
                _ => Unsynced::Dropped,
            };
            let verdict = run.cut(&run.steps, run.moment(cut), unsynced, &mut figures).await;
            assert!(verdict.is_good(), "cut {cut}: {verdict:?}");
        }
        let normal = without_syncs_of_commits(&run.steps);
        let (moments, mut chance) = (at_stake(&normal), Chance::new(first as u64));
        assert!(!moments.is_empty(), "the log was synced all the time");
        for _ in 0..6 {
            let moment = moments[chance.below(moments.len())];
            let verdict = run.cut(&normal, moment, Unsynced::Dropped, &mut weak).await;
            weak.lost += usize::from(!verdict.lost.is_empty());
        }
    }
    println!(
        "durability, SQLite: {cuts} power cuts, a quarter with torn and reordered writes: {} acknowledged, 0 lost, 0 half-done, \
         0 broken, {} changes that were not synced; with synchronous=NORMAL {} of {} cuts lose something",
        figures.acknowledged, figures.unsynced, weak.lost, weak.cuts
    );
    assert!(figures.unsynced > cuts, "hardly anything was at stake");
    assert_eq!(weak.lost, weak.cuts, "{weak:?}: the trial does not see a loss");
}

#[derive(Debug, Default)]
struct Figures {
    cuts: usize,
    acknowledged: usize,
    unsynced: usize,
    lost: usize,
}

/// What was recorded of one life of the server.
struct Run {
    steps: Vec<Step>,
    entries: Vec<Entry>,
    token: String,
}

impl Run {
    /// From an empty folder through all commands of all writers to a kill.
    async fn record() -> Self {
        let folder = Folder::new();
        let output = folder.file("trace");
        let mut program = folder.command(&["serve", "--listen", "127.0.0.1:0"]);
        program.envs(SETTINGS);
        let mut command = trace::traced(&program, &output);
        command.stdout(std::process::Stdio::piped());
        let program = tokio::task::block_in_place(|| Program::start(&mut command));
        let token = program.sign_up("Ann").await;
        let ledger = Ledger::at(&folder.file("ledger"));
        for writer in writers::start(&Target::of(&program, &token), &ledger, "key-0-", COMMANDS) {
            writer.await.expect("a writer ends");
        }
        drop(program);
        // The tracer writes down the end of what it traces.
        let end = Instant::now() + Duration::from_secs(20);
        let text = loop {
            let text = std::fs::read_to_string(&output).expect("a trace");
            if text.trim_end().ends_with("+++ killed by SIGKILL +++") {
                break text;
            }
            assert!(Instant::now() < end, "the tracer does not end");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let (steps, entries) = (trace::read(&text, folder.path(), true), ledger.entries());
        let answered =
            steps.iter().filter(|step| key(step).is_some_and(|key| key.starts_with("key-"))).count();
        assert_eq!(answered, WRITERS * COMMANDS, "an answer is missing in the trace");
        let first = steps.iter().position(|step| key(step).is_some_and(|key| key.starts_with("key-")));
        let carried_over =
            |step: &Step| matches!(step, Step::Wrote { path, .. } if path.ends_with("rollcall.db"));
        assert!(steps[first.expect("an answer")..].iter().any(carried_over), "no checkpoint was under way");
        Self { steps, entries, token }
    }

    /// A moment that chance finds: how many steps are over then.
    fn moment(&self, cut: usize) -> usize {
        let mut chance = Chance::new(1_000 + cut as u64);
        let answers: Vec<_> = self.steps.iter().enumerate().filter(|(_, step)| key(step).is_some()).collect();
        // Every second one just after an answer, when nothing can be caught up on any more.
        match cut % 2 {
            0 => answers[chance.below(answers.len())].0 + 1,
            _ => chance.below(self.steps.len()) + 1,
        }
    }

    /// Cuts the power after so many steps, starts the server on what is left, and judges that.
    async fn cut(&self, steps: &[Step], moment: usize, unsynced: Unsynced, figures: &mut Figures) -> Verdict {
        let mut disk = Disk::new();
        for step in &steps[..moment] {
            disk.step(step);
        }
        let answered: BTreeSet<_> = steps[..moment].iter().filter_map(key).collect();
        let mut entries = self.known(&answered);
        figures.cuts += 1;
        figures.unsynced += disk.unsynced();

        let folder = Folder::new();
        disk.write_to(folder.path(), unsynced);
        let program = tokio::task::block_in_place(|| folder.serve(&SETTINGS));
        let storage = Storage::Sqlite(folder.file("data").join("rollcall.db"));
        let verdict = Verdict::on(&storage, &entries).await;
        figures.acknowledged += verdict.acknowledged;
        if !verdict.is_good() || entries.iter().all(|entry| entry.answer.is_none()) {
            return verdict;
        }
        finish(&Target::of(&program, &self.token), &mut entries).await;
        Verdict::on(&storage, &entries).await
    }

    /// The ledger as it was then: a writer goes on only after an answer, so that one command of each is open at the most.
    fn known(&self, answered: &BTreeSet<&str>) -> Vec<Entry> {
        let mut open = BTreeSet::new();
        let mut entries = self.entries.clone();
        entries.retain_mut(|entry| {
            if answered.contains(&*entry.intent.key) {
                return true;
            }
            entry.answer = None;
            open.insert(writer(&entry.intent.key).to_owned())
        });
        entries
    }
}

/// The request that a step answers.
fn key(step: &Step) -> Option<&str> {
    match step {
        Step::Acknowledged { key } => Some(key),
        _ => None,
    }
}

/// The moments just after an answer at which something acknowledged is not on the disk: more answers came since the log was synced than
/// there are writers, so that one of them has got two, the second for a command that was given after the sync.
fn at_stake(steps: &[Step]) -> Vec<usize> {
    let mut since_sync = 0;
    let mut moments = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        match step {
            Step::Synced { path, until } if *until > 0 && named(path, "rollcall.db-wal") => since_sync = 0,
            Step::Acknowledged { .. } => {
                since_sync += 1;
                if since_sync > WRITERS {
                    moments.push(index + 1);
                }
            }
            _ => {}
        }
    }
    moments
}

fn named(path: &Path, name: &str) -> bool {
    path.file_name().is_some_and(|file| file == name)
}

/// What the same commands would have done with `synchronous=NORMAL`: the log is synced before it is carried over into the database, and
/// not with each commit.
fn without_syncs_of_commits(steps: &[Step]) -> Vec<Step> {
    let mut carried_over = false;
    let mut kept = Vec::new();
    for step in steps.iter().rev() {
        match step {
            Step::Wrote { path, .. } if named(path, "rollcall.db") => carried_over = true,
            Step::Wrote { path, .. } if named(path, "rollcall.db-wal") => carried_over = false,
            // A step without effect, so that each keeps its number.
            Step::Synced { path, .. } if named(path, "rollcall.db-wal") && !carried_over => {
                kept.push(Step::Synced { path: path.clone(), until: 0 });
                continue;
            }
            _ => {}
        }
        kept.push(step.clone());
    }
    kept.reverse();
    kept
}
