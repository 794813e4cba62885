//! Answers that a process keeps hold exactly as long as no other process has changed what they show.

use serde_json::{Value, json};

use super::database::Database;
use super::process::{Folder, Program};

const PAIRS: usize = 2_000;
const CLIENTS: usize = 8;

struct Scene {
    one: Program,
    other: Program,
    token: String,
    database: Database,
    _folder: Folder,
}

impl Scene {
    /// Two processes that do everything, and Ann.
    async fn new() -> Self {
        let (folder, database) =
            (Folder::new(), Database::new().await.expect("run this by ./scripts/postgres"));
        let url = database.url();
        let serve = || {
            let settings = [("ROLLCALL_DATABASE_URL", url.as_str()), ("ROLLCALL_RATE_LIMITS", "off")];
            tokio::task::block_in_place(|| folder.serve(&settings))
        };
        let (one, other) = (serve(), serve());
        let token = one.sign_up("Ann").await;
        Self { one, other, token, database, _folder: folder }
    }

    /// The names of the teams that a process lists.
    async fn teams(&self, by: &Program) -> Vec<String> {
        let teams = by.send("GET", "/v1/teams?limit=200", &self.token, &Value::Null, 200).await;
        let teams = teams["data"].as_array().expect("a list").iter();
        teams.map(|team| team["name"].as_str().expect("a name").to_owned()).collect()
    }

    async fn team(&self, name: &str) -> String {
        let team = self.one.send("POST", "/v1/team", &self.token, &json!({"name": name}), 201).await;
        format!("/v1/team/{}", team["team"]["team_id"].as_str().expect("an id"))
    }

    /// Renames by one process and lists by the other; how many lists lacked the name.
    async fn stale(&self) -> usize {
        let clients = (0..CLIENTS).map(async |client| {
            let path = self.team(&format!("Team {client}")).await;
            let mut lacking = 0;
            for pair in 0..PAIRS / CLIENTS {
                let name = format!("Team {client} {pair}");
                let (writer, reader) =
                    if pair % 2 == 0 { (&self.one, &self.other) } else { (&self.other, &self.one) };
                writer.send("PUT", &path, &self.token, &json!({"name": name}), 200).await;
                lacking += usize::from(!self.teams(reader).await.contains(&name));
            }
            lacking
        });
        futures_util::future::join_all(clients).await.into_iter().sum()
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn no_kept_answer_lacks_what_another_process_acknowledged() {
    let scene = Scene::new().await;
    let stale = scene.stale().await;
    println!(
        "{PAIRS} pairs of a write by one process and a read by another that keeps its answers: {stale} stale"
    );
    assert_eq!(stale, 0);

    // A name shows in other organizations too, and a session that one process ended is ended in both.
    let own = async |by: &Program| by.send("GET", "/v1/customer", &scene.token, &Value::Null, 200).await;
    own(&scene.other).await;
    scene.one.send("PATCH", "/v1/customer", &scene.token, &json!({"name": "Anna"}), 200).await;
    assert_eq!(own(&scene.other).await["name"], "Anna");
    let second = scene.one.sign_in("ann@example.com").await;
    for _ in 0..3 {
        scene.other.send("GET", "/v1/teams", &second, &Value::Null, 200).await;
    }
    scene.one.send("DELETE", "/v1/auth", &second, &Value::Null, 200).await;
    scene.other.send("GET", "/v1/teams", &second, &Value::Null, 401).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn an_answer_is_kept_until_a_change_is_counted() {
    let scene = Scene::new().await;
    scene.team("Platform").await;
    // The first question of a process finds no connection yet that all share; it is opened meanwhile.
    let client = scene.database.client().await;
    let by_hand = async |name: &str| {
        client.execute("update team set name = $1", &[&name]).await.expect("a change that nothing counts")
    };
    let mut names = 0;
    let kept = loop {
        let before = scene.teams(&scene.other).await;
        names += 1;
        by_hand(&format!("By hand {names}")).await;
        if scene.teams(&scene.other).await == before {
            break before;
        }
        assert!(names < 200, "nothing is ever kept");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert_eq!(scene.teams(&scene.other).await, kept);
    let count = "insert into everybody_version (place, version) values (99, 1)";
    client.execute(count, &[]).await.expect("counted");
    assert_eq!(scene.teams(&scene.other).await, [format!("By hand {names}")]);
}
