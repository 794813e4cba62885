//! Sequences of operations by several people of two organizations, played on the server and on a model in memory: what is allowed,
//! what is refused and how, and what everybody sees in the end. A sequence that tells them apart is made shorter until nothing can
//! be left out.

mod operation;
mod play;
mod rules;
mod views;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use tokio::runtime::Handle;

use self::operation::{Operation, sequences};
use self::play::Play;
use crate::support::{Server, trials};

/// How many sequences are played at the same time.
const SHARES: usize = 4;
/// How many one server sees.
const OF_ONE_SERVER: usize = 500;
/// The refusals that so many sequences come upon.
const REFUSALS: [&str; 15] = [
    "account_exists",
    "already_invited",
    "already_member",
    "duplicate_channel",
    "invitation_for_other_address",
    "invitation_not_pending",
    "last_root",
    "name_taken",
    "not_found",
    "not_verified",
    "priority_taken",
    "role_insufficient",
    "team_has_services",
    "token_invalid",
    "validation_failed",
];

/// How every sequence begins: two teams of one organization, and somebody who manages the first.
const BEGINNING: [Operation; 4] = [
    Operation::CreateTeam { by: 0, name: 0 },
    Operation::CreateTeam { by: 0, name: 1 },
    Operation::Invite { by: 0, team: 0, whom: 2, manager: true },
    Operation::AcceptAsStranger { invitation: 0 },
];

/// What came of operations, counted by code; no code where they succeeded.
type Tally = Mutex<BTreeMap<String, usize>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_sequence_of_operations_tells_the_server_from_its_model() {
    let first = server().await;
    let count = trials(if first.app.db.is_exclusive() { 500 } else { 100 });
    let (mut played, mut server) = (0, Some(first));
    let tally: Arc<Tally> = Arc::default();
    while played < count {
        let now = OF_ONE_SERVER.min(count - played);
        let server = Arc::new(match server.take() {
            Some(server) => server,
            None => self::server().await,
        });
        let shares = (0..SHARES).map(|share| {
            let cases = (now + share) / SHARES;
            let (server, tally, handle) = (Arc::clone(&server), Arc::clone(&tally), Handle::current());
            let seed = played + share;
            tokio::task::spawn_blocking(move || play(&server, &tally, &handle, seed, cases))
        });
        let shares: Vec<_> = shares.collect();
        // All of them end before the server does.
        let mut divergences = Vec::new();
        for share in shares {
            divergences.extend(share.await.expect("a share is played").err());
        }
        assert!(divergences.is_empty(), "{}", divergences.join("\n\n"));
        played += now;
    }
    let mut tally = tally.lock().expect("the tally").clone();
    let allowed = tally.remove("").unwrap_or(0);
    let (refused, kinds) = (tally.values().sum::<usize>(), tally.len());
    println!(
        "model: {count} sequences, {allowed} operations allowed, {refused} refused in {kinds} ways, 0 divergences"
    );
    let missed: Vec<_> = REFUSALS.iter().filter(|code| !tally.contains_key(**code)).collect();
    assert!(count < 500 || missed.is_empty(), "no sequence came upon {missed:?}");
}

/// Messages stay in the built-in mailbox, where each is found by its receiver.
async fn server() -> Server {
    Server::with(&[("rate_limits", "off"), ("smtp_url", ""), ("mail_from", "")]).await
}

/// Plays so many sequences, the same ones for the same seed.
fn play(server: &Server, tally: &Tally, handle: &Handle, seed: usize, cases: usize) -> Result<(), String> {
    if cases == 0 {
        return Ok(());
    }
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&(seed as u64).to_le_bytes());
    let config = Config {
        cases: u32::try_from(cases).expect("a few"),
        failure_persistence: None,
        max_shrink_iters: 500,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let number = AtomicUsize::new(0);
    let outcome = runner.run(&sequences(), |sequence| {
        let name = format!("s{seed}x{}", number.fetch_add(1, Ordering::Relaxed));
        handle.block_on(one(server, tally, name, &sequence)).map_err(TestCaseError::fail)
    });
    match outcome {
        Ok(()) => Ok(()),
        Err(TestError::Fail(divergence, _)) => Err(divergence.message().to_owned()),
        Err(TestError::Abort(why)) => Err(why.message().to_owned()),
    }
}

/// Plays one sequence; where the two differ, says what was done until then.
async fn one(server: &Server, tally: &Tally, name: String, sequence: &[Operation]) -> Result<(), String> {
    let mut play = Play::begin(server, name).await;
    let mut outcome = Ok(());
    for operation in BEGINNING.iter().chain(sequence) {
        outcome = play.play(*operation, tally).await;
        if outcome.is_err() {
            break;
        }
    }
    if outcome.is_ok() {
        outcome = play.compare().await;
    }
    outcome.map_err(|divergence| format!("{divergence}\nafter\n  {}", play.story.join("\n  ")))
}
