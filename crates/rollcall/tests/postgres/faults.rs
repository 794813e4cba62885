//! A database that goes away, hangs, or kills its connections: who asks is told soon, what was acknowledged is there, and nobody has to
//! start Rollcall anew.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::database::Database;
use super::process::{Folder, Program};
use super::proxy::Proxy;

/// When an answer must be there, whatever it says.
const SOON: Duration = Duration::from_secs(3);
/// When it must work again.
const HEALED: Duration = Duration::from_secs(5);

struct Scene {
    program: Arc<Program>,
    token: String,
    database: Database,
    proxy: Proxy,
    /// Names that were acknowledged.
    kept: BTreeSet<String>,
    _folder: Folder,
}

/// A name that no connection but those of one test has.
fn application() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("rollcall-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

impl Scene {
    async fn new(application: &str) -> Self {
        let database = Database::new().await.expect("run this by ./scripts/postgres");
        let proxy = Proxy::before(&database.url()).await;
        let folder = Folder::new();
        let url = format!("{}&application_name={application}&pool_size=8", proxy.url());
        let serve = || {
            let settings = [("ROLLCALL_DATABASE_URL", url.as_str()), ("ROLLCALL_RATE_LIMITS", "off")];
            folder.serve(&settings)
        };
        // The program is waited for by a thread, while this one carries its bytes.
        let program = tokio::task::block_in_place(serve);
        let token = program.sign_up("Ann").await;
        Self { program: Arc::new(program), token, database, proxy, kept: BTreeSet::new(), _folder: folder }
    }

    /// Makes a team; says with which status and `Retry-After` that ended, and when.
    async fn create(program: &Program, token: &str, name: &str) -> (u16, bool, Duration) {
        let asked = Instant::now();
        let request = program.http.post(format!("{}/v1/team", program.url)).bearer_auth(token);
        let answer = request.json(&json!({"name": name})).send().await.expect("an answer");
        (answer.status().as_u16(), answer.headers().contains_key("retry-after"), asked.elapsed())
    }

    /// Writers that go on until they are told to stop; what they got.
    fn writers(
        &self,
        stop: &Arc<AtomicBool>,
    ) -> Vec<tokio::task::JoinHandle<Vec<(String, u16, bool, Duration)>>> {
        let writer = |number: u32| {
            let (program, token, stop) = (Arc::clone(&self.program), self.token.clone(), Arc::clone(stop));
            tokio::spawn(async move {
                let mut got = Vec::new();
                for round in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let name = format!("team {number} {round}");
                    let (status, retry, took) = Self::create(&program, &token, &name).await;
                    got.push((name, status, retry, took));
                }
                got
            })
        };
        (0..6).map(writer).collect()
    }

    /// Ends the writers: each answer came soon, and was a success or a 503 that says when to try again.
    async fn judge(
        &mut self,
        writers: Vec<tokio::task::JoinHandle<Vec<(String, u16, bool, Duration)>>>,
    ) -> (usize, usize) {
        let (mut good, mut bad) = (0, 0);
        for (name, status, retry, took) in
            join_all(writers).await.into_iter().flat_map(|got| got.expect("a writer"))
        {
            assert!(took < SOON, "{name}: {status} after {took:?}");
            match status {
                201 => {
                    good += 1;
                    self.kept.insert(name);
                }
                503 => {
                    bad += 1;
                    assert!(retry, "{name}: no Retry-After");
                }
                other => panic!("{name}: {other}"),
            }
        }
        (good, bad)
    }

    /// A write works again.
    async fn healed(&mut self) {
        let end = Instant::now() + HEALED;
        for number in 0.. {
            let name = format!("healed {} {number}", self.kept.len());
            let (status, ..) = Self::create(&self.program, &self.token, &name).await;
            if status == 201 {
                self.kept.insert(name);
                return;
            }
            assert!(Instant::now() < end, "{status} still");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Everything that was acknowledged is there, and the log holds.
    async fn nothing_is_lost(&self) {
        let (mut names, mut cursor) = (BTreeSet::new(), String::new());
        loop {
            let path = format!("/v1/teams?limit=200{cursor}");
            let page = self.program.send("GET", &path, &self.token, &Value::Null, 200).await;
            let teams = page["data"].as_array().expect("a list");
            names.extend(teams.iter().map(|team| team["name"].as_str().expect("a name").to_owned()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let lost: Vec<_> = self.kept.difference(&names).collect();
        assert!(lost.is_empty(), "{} of {} are lost: {lost:?}", lost.len(), self.kept.len());
        let broken = self
            .database
            .client()
            .await
            .query(
                "select organization_id from audit_head except select organization_id from audit_event",
                &[],
            )
            .await;
        assert!(broken.expect("the log").is_empty());
    }

    /// How many connections the server counts of this program.
    async fn connections(&self, application: &str) -> i64 {
        let count = "select count(*) from pg_stat_activity where application_name = $1";
        self.database.client().await.query_one(count, &[&application]).await.expect("a count").get(0)
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_database_that_is_away_is_told_of_within_three_seconds_and_is_used_again_when_it_is_back() {
    let application = application();
    let mut scene = Scene::new(&application).await;
    let stop = Arc::default();
    let writers = scene.writers(&stop);
    tokio::time::sleep(Duration::from_millis(500)).await;
    scene.proxy.cut();
    tokio::time::sleep(Duration::from_secs(4)).await;
    stop.store(true, Ordering::Relaxed);
    let (good, bad) = scene.judge(writers).await;
    assert!(good > 0 && bad > 0, "{good} {bad}");
    let ready =
        scene.program.http.get(format!("{}/readyz", scene.program.url)).send().await.expect("an answer");
    assert_eq!(ready.status(), 503);
    scene.proxy.mend();
    scene.healed().await;
    scene.nothing_is_lost().await;
    assert!(scene.connections(&application).await <= 8);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_database_that_hangs_is_told_of_within_three_seconds() {
    let application = application();
    let mut scene = Scene::new(&application).await;
    scene.healed().await;
    scene.proxy.hold();
    let stop = Arc::default();
    let writers = scene.writers(&stop);
    tokio::time::sleep(Duration::from_secs(1)).await;
    stop.store(true, Ordering::Relaxed);
    let (good, bad) = scene.judge(writers).await;
    assert!(good == 0 && bad > 0, "{good} {bad}");
    scene.proxy.mend();
    scene.healed().await;
    scene.nothing_is_lost().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn connections_that_are_ended_at_random_cost_no_acknowledged_write() {
    let application = application();
    let mut scene = Scene::new(&application).await;
    let client = scene.database.client().await;
    let stop = Arc::default();
    let writers = scene.writers(&stop);
    let mut ended = 0;
    for _ in 0..40 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let end = "select count(pg_terminate_backend(pid)) from (
                     select pid from pg_stat_activity where application_name = $1 order by random() limit 2) chosen";
        ended += client.query_one(end, &[&application]).await.expect("ended").get::<_, i64>(0);
    }
    stop.store(true, Ordering::Relaxed);
    let (good, bad) = scene.judge(writers).await;
    assert!(ended > 20 && good > 50, "{ended} ended, {good} written, {bad} refused");
    // A command that had not been committed was simply done again: hardly anybody noticed.
    assert!(bad * 2 < good, "{good} written, {bad} refused");
    scene.healed().await;
    scene.nothing_is_lost().await;
    assert!(scene.connections(&application).await <= 8);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn commands_that_wait_for_a_lock_take_no_connection_from_queries() {
    let application = application();
    let mut scene = Scene::new(&application).await;
    let mut client = scene.database.client().await;
    let lock = client.transaction().await.expect("a transaction");
    lock.execute("update organization set version = version", &[]).await.expect("every row");
    let waiting = (0..24).map(|number| {
        let (program, token) = (Arc::clone(&scene.program), scene.token.clone());
        tokio::spawn(async move { Scene::create(&program, &token, &format!("waiting {number}")).await })
    });
    let waiting: Vec<_> = waiting.collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    for _ in 0..20 {
        let asked = Instant::now();
        scene.program.send("GET", "/v1/teams", &scene.token, &Value::Null, 200).await;
        assert!(asked.elapsed() < Duration::from_secs(1), "a query took {:?}", asked.elapsed());
    }
    for answer in join_all(waiting).await {
        let (status, retry, took) = answer.expect("an answer");
        assert!(status == 503 && retry && took < SOON, "{status} after {took:?}");
    }
    drop(lock);
    scene.healed().await;
    scene.nothing_is_lost().await;
}
