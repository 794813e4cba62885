//! Power cuts on either engine: a life of the server, recorded step by step; what each of many moments left on the disk, started again
//! and held against the ledger.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use super::disk::{Chance, Disk, Unsynced};
use super::facts::Storage;
use super::ledger::Entry;
use super::process::Program;
use super::settle::{finish, writer};
use super::trace::Step;
use super::verdict::Verdict;
use super::writers::{Target, WRITERS};

/// A server of one engine, recorded.
pub(crate) trait Recorded: Sized {
    const ENGINE: &str;
    /// The setting under which the engine does not sync its log with each commit.
    const WEAKER: &str;
    /// How many bytes the engine takes to be written at once.
    const PAGE: usize;
    /// How many power cuts one recording serves for, and how many more that are to lose something.
    const CUTS: (usize, usize);
    /// What holds the files of a server that was started again.
    type Place;

    /// From a fresh database through all commands of all writers to a kill.
    async fn record() -> Self;
    fn life(&self) -> &Life;
    /// As it was before the first step.
    fn disk(&self) -> Disk;
    /// Whether a file is of the log that is synced with each commit.
    fn is_log(path: &Path) -> bool;
    /// Whether a step would have been taken under the weaker setting as well: a sync of the log need not. Asked from the last step to the
    /// first.
    fn stays() -> impl FnMut(&Step) -> bool;
    fn start(&self, disk: &Disk, unsynced: Unsynced) -> Started<Self::Place>;
}

/// A server that was started on what a power cut left.
pub(crate) struct Started<Place> {
    // In the order in which they go.
    pub(crate) program: Program,
    pub(crate) storage: Storage,
    pub(crate) _place: Place,
}

/// What was recorded of one life of a server.
pub(crate) struct Life {
    steps: Vec<Step>,
    entries: Vec<Entry>,
    token: String,
}

#[derive(Debug, Default)]
struct Figures {
    cuts: usize,
    acknowledged: usize,
    unsynced: usize,
    lost: usize,
}

/// How many lives are recorded at most until something is at stake in one.
const LIVES: usize = 5;

/// Cuts the power so often.
pub(crate) async fn cut_again_and_again<R: Recorded>(cuts: usize) {
    let (mut figures, mut weak) = (Figures::default(), Figures::default());
    let (served, weaker) = R::CUTS;
    for first in (0..cuts).step_by(served) {
        let (recorded, weakened, moments) = at_stake_somewhere::<R>().await;
        let life = recorded.life();
        for number in first..cuts.min(first + served) {
            // Three in four lose all that was not synced, the fourth keeps torn pieces of it.
            let chance = Chance::new(number as u64);
            let unsynced = match number % 4 {
                3 => Unsynced::Torn { block: if number % 8 == 3 { 512 } else { R::PAGE }, chance },
                _ => Unsynced::Dropped,
            };
            let verdict = cut(&recorded, &life.steps, life.moment(number), unsynced, &mut figures).await;
            assert!(verdict.is_good(), "cut {number}: {verdict:?}");
        }
        let mut chance = Chance::new(first as u64);
        for _ in 0..weaker {
            let moment = moments[chance.below(moments.len())];
            let verdict = cut(&recorded, &weakened, moment, Unsynced::Dropped, &mut weak).await;
            assert!(verdict.is_sound(), "{}: {verdict:?}", R::WEAKER);
            weak.lost += usize::from(!verdict.lost.is_empty());
        }
    }
    println!(
        "durability, {}: {cuts} power cuts, a quarter with torn and reordered writes: {} acknowledged, 0 lost, 0 half-done, \
         0 broken, {} changes that were not synced; with {} {} of {} cuts lose something",
        R::ENGINE,
        figures.acknowledged,
        figures.unsynced,
        R::WEAKER,
        weak.lost,
        weak.cuts
    );
    assert!(figures.unsynced > cuts, "hardly anything was at stake");
    assert_eq!(weak.lost, weak.cuts, "{weak:?}: the trial does not see a loss");
}

/// A life, what the same commands would have done under the weaker setting, and when something was at stake then. A machine that is
/// slow enough for the log to be carried over between any two answers is given another chance.
async fn at_stake_somewhere<R: Recorded>() -> (R, Vec<Step>, Vec<usize>) {
    for _ in 0..LIVES {
        let recorded = R::record().await;
        let weakened = weakened::<R>(&recorded.life().steps);
        let moments = at_stake::<R>(&weakened);
        if !moments.is_empty() {
            return (recorded, weakened, moments);
        }
    }
    panic!("the log was synced all the time in {LIVES} lives");
}

/// Cuts the power after so many steps, starts the server on what is left, and judges that.
async fn cut<R: Recorded>(
    recorded: &R,
    steps: &[Step],
    moment: usize,
    unsynced: Unsynced,
    figures: &mut Figures,
) -> Verdict {
    let mut disk = recorded.disk();
    for step in &steps[..moment] {
        disk.step(step);
    }
    let mut entries = recorded.life().known(moment);
    figures.cuts += 1;
    figures.unsynced += disk.unsynced();

    let started = tokio::task::block_in_place(|| recorded.start(&disk, unsynced));
    let verdict = Verdict::on(&started.storage, &entries).await;
    figures.acknowledged += verdict.acknowledged;
    if !verdict.is_good() || entries.iter().all(|entry| entry.answer.is_none()) {
        return verdict;
    }
    finish(&Target::of(&started.program, &recorded.life().token), &mut entries).await;
    Verdict::on(&started.storage, &entries).await
}

impl Life {
    /// `commands`: how many were answered; `is_data`: a file that the log is carried over into.
    pub(crate) fn new(
        steps: Vec<Step>,
        entries: Vec<Entry>,
        token: String,
        commands: usize,
        is_data: impl Fn(&Path) -> bool,
    ) -> Self {
        let answers = || steps.iter().filter_map(key).filter(|key| key.starts_with("key-"));
        assert_eq!(answers().count(), commands, "an answer is missing in the trace");
        let first = steps.iter().position(|step| key(step) == answers().next());
        let carried_over = |step: &Step| matches!(step, Step::Wrote { path, .. } if is_data(path));
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

    /// The ledger as it was then: a writer goes on only after an answer, so that one command of each is open at the most.
    fn known(&self, moment: usize) -> Vec<Entry> {
        let answered: BTreeSet<_> = self.steps[..moment].iter().filter_map(key).collect();
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
fn at_stake<R: Recorded>(steps: &[Step]) -> Vec<usize> {
    let mut since_sync = 0;
    let mut moments = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        match step {
            Step::Synced { path, until } if *until > 0 && R::is_log(path) => since_sync = 0,
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

/// What the same commands would have done under the weaker setting. A sync that is left out stays as one without effect, so that each
/// step keeps its number.
fn weakened<R: Recorded>(steps: &[Step]) -> Vec<Step> {
    let mut stays = R::stays();
    let weaker = steps.iter().rev().map(|step| match (step, stays(step)) {
        (Step::Synced { path, .. }, false) => Step::Synced { path: path.clone(), until: 0 },
        _ => step.clone(),
    });
    let mut weaker: Vec<_> = weaker.collect();
    weaker.reverse();
    weaker
}

/// What a tracer has written, once it has written down the end of what it traces.
pub(crate) async fn ended(output: &Path, last: &str) -> String {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let text = std::fs::read_to_string(output).expect("a trace");
        let line = text.trim_end().lines().next_back().unwrap_or_default();
        if line.contains(last) {
            return text;
        }
        assert!(Instant::now() < end, "the tracer does not end: {line}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
