//! The end that was asked for, under load and with clients that never finish: whoever has sent a whole request gets an answer, nothing is
//! sent twice, no message stays leased, and it ends in time with 0.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use notify_fakes::{Answer, FakeReceiver};
use rusqlite::Connection;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::few_files::{notify, webhook};
use crate::ledger::texts;
use crate::process::Folder;
use crate::scene::{SETTINGS, Scene, end, trials};
use crate::wire::{Fate, Wire, post};

const CLIENTS: usize = 12;
const SLOW: usize = 20;
/// A client that never finishes holds the end up for nearly as long as it may take.
const SIDE_BY_SIDE: usize = 10;

/// What the clients saw.
#[derive(Default)]
struct Seen {
    ending: AtomicBool,
    /// The teams that were acknowledged.
    answered: Mutex<Vec<String>>,
    turned_away: AtomicUsize,
    /// What became of whole requests without an answer.
    lost: Mutex<Vec<(Fate, Duration)>>,
    strange: AtomicUsize,
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_end_every_whole_request_is_answered_and_nothing_is_sent_twice() {
    let trials = trials(10);
    let (mut answered, mut turned_away, mut delivered, mut slowest) = (0, 0, 0, Duration::ZERO);
    let mut next = 0;
    while next < trials {
        let batch = (next..trials.min(next + SIDE_BY_SIDE)).map(|number| tokio::spawn(one(number)));
        for one in futures_util::future::join_all(batch).await {
            let (seen, messages, took) = one.expect("a trial");
            answered += seen.answered.lock().expect("nobody panicked").len();
            turned_away += seen.turned_away.load(Ordering::Relaxed);
            delivered += messages;
            slowest = slowest.max(took);
        }
        next += SIDE_BY_SIDE;
    }
    println!(
        "graceful end: {trials} trials with {CLIENTS} clients and {SLOW} that never finish: {answered} answered, {turned_away} turned away, \
         0 whole requests without an answer, {delivered} messages delivered once each, ended with 0 after {slowest:.1?} at the latest"
    );
}

async fn one(number: usize) -> (Arc<Seen>, usize, Duration) {
    let folder = Folder::new();
    let scene = Scene::start(&folder).await;
    let receiver = FakeReceiver::start().await;
    let owner = webhook(&scene, &receiver).await;
    let address = scene.program.url.strip_prefix("http://").expect("an address").to_owned();

    let seen = Arc::<Seen>::default();
    let clients = (0..CLIENTS).map(|client| {
        let (address, token, seen) = (address.clone(), scene.writer.token.clone(), Arc::clone(&seen));
        // A third of them makes a new connection for each request.
        tokio::spawn(ask(address, token, seen, client, client % 3 == 0))
    });
    let clients: Vec<_> = clients.collect();
    // The status is there at once and the body drips for five seconds: these attempts are in flight at the end.
    receiver.script([Answer::Drip, Answer::Drip, Answer::Drip]);
    let mut sent = Vec::new();
    for _ in 0..6 {
        sent.push(notify(&scene, &owner).await);
    }
    receiver.wait_for(1 + 3).await;
    let slow = slow(&address, if number.is_multiple_of(2) { SLOW } else { 0 }).await;
    tokio::time::sleep(Duration::from_millis(50 + (number as u64) * 37 % 211)).await;

    seen.ending.store(true, Ordering::Relaxed);
    let asked = Instant::now();
    let program = scene.program;
    let status = tokio::task::spawn_blocking(|| program.terminate()).await.expect("it ends");
    let took = asked.elapsed();
    assert_eq!(status.code(), Some(0));
    assert!(took < Duration::from_secs(30), "it took {took:?}");
    for client in clients {
        client.await.expect("a client");
    }
    drop(slow);
    let lost = seen.lost.lock().expect("nobody panicked").clone();
    assert!(lost.is_empty(), "whole requests without an answer, each with how long it had waited: {lost:?}");
    assert_eq!(seen.strange.load(Ordering::Relaxed), 0, "answers other than 201 and 503");

    let database = folder.file("data/rollcall.db");
    let leased = texts(
        &Connection::open(&database).expect("the database"),
        "select host from outbox where lease is not null",
    );
    assert_eq!(leased, Vec::<String>::new(), "messages stay leased");
    let teams = texts(&Connection::open(&database).expect("the database"), "select name from team");
    let times = |name: &String| teams.iter().filter(|team| *team == name).count();
    let answered = seen.answered.lock().expect("nobody panicked").clone();
    let lost: Vec<_> = answered.iter().filter(|name| times(name) != 1).collect();
    assert!(lost.is_empty(), "acknowledged teams that are not there once: {lost:?}");
    // What was not begun is sent by the next process.
    let next =
        tokio::task::spawn_blocking(move || (folder.serve(&SETTINGS), folder)).await.expect("it starts");
    receiver.wait_for(1 + sent.len()).await;
    let mut times: HashMap<String, usize> = HashMap::new();
    for request in receiver.requests() {
        *times.entry(request.header("webhook-id").expect("an id").to_owned()).or_default() += 1;
    }
    assert!(sent.iter().all(|id| times.get(id) == Some(&1)), "each once: {times:?}");
    end(next.0);
    (seen, sent.len(), took)
}

/// Sends one request after the other until there is no connection any more.
async fn ask(address: String, token: String, seen: Arc<Seen>, client: usize, anew: bool) {
    let mut wire = Wire::default();
    for round in 0.. {
        if anew {
            wire = Wire::default();
        }
        let name = format!("{client}-{round}");
        let request = post("/v1/team", &token, &format!(r#"{{"name": "{name}"}}"#));
        let asked = Instant::now();
        let count = match wire.ask(&address, &request).await {
            Fate::Answered(201, _) => {
                seen.answered.lock().expect("nobody panicked").push(name);
                continue;
            }
            Fate::Answered(..) => &seen.strange,
            Fate::Refused if seen.ending.load(Ordering::Relaxed) => {
                seen.turned_away.fetch_add(1, Ordering::Relaxed);
                return;
            }
            // Ended between two requests, as any connection may be.
            Fate::Over => continue,
            fate @ (Fate::Refused | Fate::Lost { .. }) => {
                seen.lost.lock().expect("nobody panicked").push((fate, asked.elapsed()));
                continue;
            }
        };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// Clients that send a half of a head, or of a body, and nothing more.
async fn slow(address: &str, count: usize) -> Vec<TcpStream> {
    let mut slow = Vec::new();
    for number in 0..count {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        let request = post("/v1/auth", "", r#"{"email": "ann@example.com", "password": "not-hers-at-all"}"#);
        let half = if number % 2 == 0 { 40 } else { request.len() - 10 };
        stream.write_all(&request[..half]).await.expect("sent");
        slow.push(stream);
    }
    slow
}
