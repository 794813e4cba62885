//! Queries that a hot standby serves never lack what was acknowledged before them, however far behind it is.

use serde_json::{Value, json};
use tokio_postgres::{Client, NoTls};

use super::database::Database;
use super::pages::Browser;
use super::process::{Folder, Program};

const PAIRS: usize = 2_000;
const CLIENTS: usize = 8;
const PAGES: usize = 200;

struct Scene {
    commands: Program,
    queries: Program,
    standby: Client,
    token: String,
    _folder: Folder,
    _database: Database,
}

impl Scene {
    #[expect(clippy::disallowed_methods, reason = "a switch of the tests, not a setting")]
    async fn new() -> Self {
        let database = Database::new().await.expect("run this by ./scripts/postgres");
        let standby = std::env::var("ROLLCALL_TEST_STANDBY").expect("run this by ./scripts/postgres");
        let folder = Folder::new();
        let primary = database.url();
        let replica = format!("{standby}&options=-csearch_path%3D{}", database.schema());
        let serve = |services: &str| {
            let settings = [
                ("ROLLCALL_DATABASE_URL", primary.as_str()),
                ("ROLLCALL_DATABASE_REPLICAS", replica.as_str()),
                ("ROLLCALL_SERVICES", services),
                ("ROLLCALL_RATE_LIMITS", "off"),
                ("ROLLCALL_METRICS_LISTEN", "127.0.0.1:0"),
            ];
            tokio::task::block_in_place(|| folder.serve(&settings))
        };
        let commands = serve("auth,customer-cmd,resource-cmd,console,worker");
        let queries = serve("customer-query,resource-query");
        let token = commands.sign_up("Ann").await;
        let (client, connection) =
            tokio_postgres::connect(&standby, NoTls).await.expect("the standby answers");
        tokio::spawn(async move { drop(connection.await) });
        Self { commands, queries, standby: client, token, _folder: folder, _database: database }
    }

    /// Writes by one process and reads by the other; how many reads lacked the write.
    async fn stale(&self, stage: &str, pairs: usize) -> usize {
        let clients = (0..CLIENTS).map(async |client| {
            let team = json!({"name": format!("{stage} {client}")});
            let team = self.commands.send("POST", "/v1/team", &self.token, &team, 201).await;
            let path = format!("/v1/team/{}", team["team"]["team_id"].as_str().expect("an id"));
            let mut lacking = 0;
            for pair in 0..pairs / CLIENTS {
                let name = format!("{stage} {client} {pair}");
                self.commands.send("PUT", &path, &self.token, &json!({"name": name}), 200).await;
                let teams =
                    self.queries.send("GET", "/v1/teams?limit=200", &self.token, &Value::Null, 200).await;
                let teams = teams["data"].as_array().expect("a list");
                lacking += usize::from(!teams.iter().any(|team| team["name"] == name.as_str()));
            }
            lacking
        });
        futures_util::future::join_all(clients).await.into_iter().sum()
    }

    /// Writes by the API and looks at the console's page; how many looks lacked the write.
    async fn stale_pages(&self, stage: &str, pairs: usize) -> usize {
        let browser = Browser::sign_in(&self.commands, "ann@example.com").await;
        let team = self.commands.send("POST", "/v1/team", &self.token, &json!({"name": stage}), 201).await;
        let path = format!("/v1/team/{}", team["team"]["team_id"].as_str().expect("an id"));
        let mut lacking = 0;
        for pair in 0..pairs {
            let name = format!("{stage} page {pair}.");
            self.commands.send("PUT", &path, &self.token, &json!({"name": name}), 200).await;
            lacking += usize::from(!browser.look("/teams").await.contains(&name));
        }
        lacking
    }

    async fn replay(&self, what: &str) {
        self.standby.batch_execute(&format!("select pg_wal_replay_{what}()")).await.expect(what);
    }
}

/// Where every standby is taken for one that has replayed what a query must see, 705 of the first 2,000 reads lack their write, and 43
/// of the 200 pages below.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn no_read_lacks_an_acknowledged_write_whether_the_standby_keeps_up_or_stands_still() {
    let scene = Scene::new().await;
    assert_eq!(scene.stale("beside", PAIRS).await, 0);
    let served = scene.queries.standby_reads("served").await;
    println!(
        "{PAIRS} pairs beside a standby that keeps up: 0 stale, {served} served by it, {} behind, {} away",
        scene.queries.standby_reads("behind").await,
        scene.queries.standby_reads("away").await
    );
    assert!(served > 0);

    scene.replay("pause").await;
    let stale = scene.stale("before", PAIRS).await;
    let still = scene.queries.standby_reads("served").await - served;
    println!("{PAIRS} pairs beside one that stands still: {stale} stale, {still} served by it");
    assert_eq!((stale, still), (0, 0));

    // Neither a right that was taken nor a session that was ended lives on where nobody has replayed that.
    let second = scene.commands.sign_in("ann@example.com").await;
    scene.queries.send("GET", "/v1/teams", &second, &Value::Null, 200).await;
    scene.commands.send("DELETE", "/v1/auth", &second, &Value::Null, 200).await;
    scene.queries.send("GET", "/v1/teams", &second, &Value::Null, 401).await;

    scene.replay("resume").await;
    assert_eq!(scene.stale("after", CLIENTS * 10).await, 0);
    assert!(
        scene.queries.standby_reads("served").await > served,
        "the standby serves again once it has caught up"
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_command_says_where_its_change_stands_and_a_query_takes_that_back() {
    let scene = Scene::new().await;
    let http = &scene.commands.http;
    let created = http.post(format!("{}/v1/team", scene.commands.url)).bearer_auth(&scene.token);
    let created = created.json(&json!({"name": "Platform"})).send().await.expect("an answer");
    let position = created.headers()["rollcall-position"].to_str().expect("text").to_owned();
    assert!(position.starts_with("1-0/"), "{position}");
    for sent in [position.as_str(), "99-0/0", "nonsense"] {
        let asked = http.get(format!("{}/v1/teams", scene.queries.url)).bearer_auth(&scene.token);
        let answer = asked.header("rollcall-position", sent).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 200, "{sent}");
        let teams: Value = answer.json().await.expect("JSON");
        assert_eq!(teams["data"][0]["name"], "Platform", "{sent}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn pages_of_the_console_come_from_the_standby_by_the_same_rule() {
    let scene = Scene::new().await;
    assert_eq!(scene.stale_pages("beside", PAGES).await, 0);
    let served = scene.commands.standby_reads("served").await;
    assert!(served > 0, "no page came from the standby");
    scene.replay("pause").await;
    let stale = scene.stale_pages("before", PAGES).await;
    let still = scene.commands.standby_reads("served").await - served;
    scene.replay("resume").await;
    println!(
        "{PAGES} pages beside a standby that keeps up: 0 stale, {served} queries served by it; {PAGES} before one that stands still: {stale} stale, {still} served by it"
    );
    assert_eq!((stale, still), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn an_answer_that_is_given_again_says_where_its_change_stands_at_the_least() {
    let scene = Scene::new().await;
    let create = async || {
        let request = scene.commands.http.post(format!("{}/v1/team", scene.commands.url));
        let request = request.bearer_auth(&scene.token).header("idempotency-key", "one");
        let answer = request.json(&json!({"name": "Platform"})).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 201);
        let position = answer.headers()["rollcall-position"].to_str().expect("text");
        let replayed = answer.headers().contains_key("idempotency-replayed");
        (position.parse::<rollcall::db::Position>().expect("a position"), replayed)
    };
    let (first, again) = (create().await, create().await);
    assert!(!first.1 && again.1 && again.0 >= first.0, "{first:?} {again:?}");
}
