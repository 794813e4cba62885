//! Workers in processes of their own share the outbox: each message goes to one of them, and what a killed one held goes to another.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use notify_fakes::{Answer, FakeReceiver};
use serde_json::{Value, json};

use super::database::Database;
use super::process::{Folder, Program};
use super::trials::trials;

const WORKERS: usize = 4;
/// Notifications of one call each; every one goes to all channels.
const CALLS: usize = 100;
const CHANNELS: usize = 20;
/// The most attempts that one process makes at once to one host that customers chose.
const PLACES: usize = 16;

struct Scene {
    api: Program,
    workers: Vec<Program>,
    receiver: FakeReceiver,
    token: String,
    customer: String,
    database: Database,
    folder: Folder,
}

/// A process on the database.
fn serve(folder: &Folder, database: &Database, services: &str) -> Program {
    let url = database.url();
    let settings = [
        ("ROLLCALL_DATABASE_URL", url.as_str()),
        ("ROLLCALL_SERVICES", services),
        ("ROLLCALL_RATE_LIMITS", "off"),
        ("ROLLCALL_WEBHOOK_ALLOW_HTTP", "true"),
        ("ROLLCALL_OUTBOUND_ALLOW", "127.0.0.0/8"),
    ];
    tokio::task::block_in_place(|| folder.serve(&settings))
}

impl Scene {
    async fn new(workers: usize) -> Self {
        let (folder, database) =
            (Folder::new(), Database::new().await.expect("run this by ./scripts/postgres"));
        let services = "auth,customer-cmd,customer-query,resource-cmd,resource-query,console";
        let api = serve(&folder, &database, services);
        let workers = (0..workers).map(|_| serve(&folder, &database, "worker")).collect();
        let token = api.sign_up("Ann").await;
        let own = api.send("GET", "/v1/customer", &token, &Value::Null, 200).await;
        let customer = own["customer_id"].as_str().expect("an id").to_owned();
        let receiver = FakeReceiver::start().await;
        let scene = Self { api, workers, receiver, token, customer, database, folder };
        for number in 1..=CHANNELS {
            scene.channel(number).await;
        }
        scene
    }

    async fn channel(&self, number: usize) {
        let path = format!("/v1/customer/{}/notification-channel", self.customer);
        let body = json!({"type": "webhook", "value": self.receiver.url(&format!("/{number}"))});
        self.api.send("POST", &path, &self.token, &body, 201).await;
        let request = self.receiver.wait_for_one(|request| request.path == format!("/{number}")).await;
        let code = request.json()["data"]["code"].as_str().expect("a code").to_owned();
        let proof = json!({"priority": number, "code": code});
        self.api.send("PATCH", &format!("{path}/verification"), &self.token, &proof, 200).await;
    }

    async fn notify(&self) {
        let path = format!("/v1/customer/{}/notification", self.customer);
        let body = json!({"title": "Disk full", "body": "sda1 is at 99 %.", "severity": "info"});
        self.api.send("POST", &path, &self.token, &body, 202).await;
    }

    /// Ids of messages that a worker holds.
    async fn leased(&self) -> BTreeSet<String> {
        let client = self.database.client().await;
        let rows = client.query("select delivery_id::text from outbox where lease is not null", &[]).await;
        rows.expect("rows").iter().map(|row| row.get(0)).collect()
    }

    /// Lets the time go by that leases hold.
    async fn end_leases(&self) -> usize {
        let client = self.database.client().await;
        let end = "update outbox set due_at = due_at - 60000000 where lease is not null";
        usize::try_from(client.execute(end, &[]).await.expect("ended")).expect("a count")
    }

    /// How often each message arrived, by its id.
    fn arrivals(&self) -> BTreeMap<String, usize> {
        let mut arrivals = BTreeMap::new();
        for request in self.receiver.requests().iter().skip(CHANNELS) {
            *arrivals.entry(request.header("webhook-id").expect("an id").to_owned()).or_default() += 1;
        }
        arrivals
    }

    /// Waits until nothing moves any more, and ends the leases that are left; says how many.
    async fn until_only_the_dead_hold(&self) -> usize {
        let client = self.database.client().await;
        let (mut known, mut since) = (Vec::new(), Instant::now());
        while since.elapsed() < Duration::from_secs(3) {
            let rows =
                client.query("select delivery_id::text, lease::text from outbox order by 1", &[]).await;
            let rows: Vec<(String, Option<String>)> =
                rows.expect("rows").iter().map(|row| (row.get(0), row.get(1))).collect();
            if rows != known || rows.iter().any(|(_, lease)| lease.is_none()) {
                (known, since) = (rows, Instant::now());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.end_leases().await
    }

    async fn until_delivered(&self, within: Duration) {
        let client = self.database.client().await;
        let end = Instant::now() + within;
        loop {
            let row = client.query_one("select count(*) from outbox", &[]);
            if row.await.expect("a count").get::<_, i64>(0) == 0 {
                return;
            }
            assert!(Instant::now() < end, "messages still wait after {within:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn four_workers_deliver_two_thousand_messages_once_each_and_a_killed_one_costs_repetitions_at_most() {
    let mut scene = Scene::new(WORKERS).await;
    let begun = Instant::now();
    for _ in 0..CALLS {
        scene.notify().await;
    }
    scene.until_delivered(Duration::from_secs(60)).await;
    let arrivals = scene.arrivals();
    println!("{} messages by {WORKERS} workers in {:?}", arrivals.len(), begun.elapsed());
    assert_eq!(arrivals.len(), CALLS * CHANNELS);
    assert!(arrivals.values().all(|times| *times == 1), "a message came twice from healthy workers");

    // One of the four goes without a word while it has messages in flight.
    for call in 0..CALLS / 10 {
        scene.notify().await;
        if call == CALLS / 20 {
            // Dropping it is a kill -9.
            drop(scene.workers.pop());
        }
    }
    // What it held comes back when its leases end. The minute that these hold goes by at once.
    let left = scene.until_only_the_dead_hold().await;
    assert!(left <= PLACES, "{left} leases of one process");
    scene.until_delivered(Duration::from_secs(30)).await;
    let arrivals = scene.arrivals();
    assert_eq!(arrivals.len(), (CALLS + CALLS / 10) * CHANNELS, "none is lost");
    let again = arrivals.values().filter(|times| **times == 2).count();
    assert!(arrivals.values().all(|times| *times <= 2) && again <= PLACES, "{again} came twice");
    println!("{again} messages came again, under the same id, after a kill -9");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_worker_killed_with_its_hands_full_costs_a_repetition_of_what_it_held_and_of_nothing_else() {
    let (mut scene, kills) = (Scene::new(1).await, trials(3).min(50));
    let mut held = BTreeSet::new();
    for kill in 1..=kills {
        // Receivers hold their answers, so that all that the worker may have in hand is in flight.
        scene.receiver.always(Answer::Hang);
        let before = scene.receiver.requests().len();
        scene.notify().await;
        scene.notify().await;
        let requests = scene.receiver.wait_for(before + PLACES).await;
        let id = |request: &notify_fakes::Request| request.header("webhook-id").expect("an id").to_owned();
        let in_flight: BTreeSet<_> = requests[before..].iter().map(id).collect();
        assert_eq!(in_flight.len(), PLACES, "as many at once as to one host");
        assert_eq!(scene.leased().await, in_flight);
        // Dropping it is a kill -9.
        drop(scene.workers.pop());
        held.extend(in_flight);
        scene.receiver.always(Answer::status(200));
        assert_eq!(scene.end_leases().await, PLACES);
        scene.workers.push(serve(&scene.folder, &scene.database, "worker"));
        scene.until_delivered(Duration::from_secs(30)).await;
        let arrivals = scene.arrivals();
        assert_eq!(arrivals.len(), kill * 2 * CHANNELS, "none is lost");
        let again: BTreeSet<_> =
            arrivals.iter().filter(|(_, times)| **times == 2).map(|(id, _)| id.clone()).collect();
        assert!(arrivals.values().all(|times| *times <= 2), "{arrivals:?}");
        assert_eq!(again, held, "what was in flight, under the same ids");
    }
    println!(
        "{kills} kills of a worker with {PLACES} deliveries in flight: {} delivered, 0 lost, {} again under the same id, all of them \
         in flight at a kill",
        kills * 2 * CHANNELS,
        held.len()
    );
}
