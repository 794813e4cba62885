//! Several processes on one database, and databases that are not to be touched.

use serde_json::{Value, json};

use super::database::Database;
use super::process::{Folder, Program, refusal, said};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn processes_that_start_at_once_make_the_schema_once_and_serve_the_same_people() {
    let (folder, database) = (Folder::new(), Database::new().await.expect("run this by ./scripts/postgres"));
    let url = database.url();
    // The keys are made by whoever is first; here they are there, as they are on several machines.
    std::fs::create_dir_all(folder.file("data")).expect("a folder");
    std::fs::write(folder.file("data/secret.key"), "5a".repeat(32)).expect("keys");
    let start = || {
        let mut command = folder.command(&["serve"]);
        command.env("ROLLCALL_LISTEN", "127.0.0.1:0").env("ROLLCALL_DATABASE_URL", &url);
        command.stderr(std::process::Stdio::null());
        Program::start(&mut command)
    };
    let programs: Vec<_> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..4).map(|_| scope.spawn(start)).collect();
        started.into_iter().map(|started| started.join().expect("it starts")).collect()
    });
    let token = programs[0].sign_up("Ann").await;
    // One key at all four at once: one team, and the same answer or word that it is still being made.
    for round in 0..10 {
        let ask = programs.iter().map(|program| {
            let request = program.http.post(format!("{}/v1/team", program.url)).bearer_auth(&token);
            let request = request.header("idempotency-key", format!("round-{round}"));
            request.json(&json!({"name": format!("Team {round}")})).send()
        });
        let mut made = 0;
        for answer in futures_util::future::join_all(ask).await {
            let answer = answer.expect("an answer");
            let (status, replayed) =
                (answer.status().as_u16(), answer.headers().contains_key("idempotency-replayed"));
            let text = answer.text().await.expect("a body");
            assert!(status == 201 || text.contains("idempotency_conflict"), "{status} {text}");
            made += usize::from(status == 201 && !replayed);
        }
        assert_eq!(made, 1, "round {round}");
    }
    let teams = programs[3].send("GET", "/v1/teams", &token, &Value::Null, 200).await;
    assert_eq!(teams["data"].as_array().map(Vec::len), Some(10));
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_newer_schema_and_tables_of_others_are_refused_and_left_alone() {
    let (folder, database) = (Folder::new(), Database::new().await.expect("run this by ./scripts/postgres"));
    let client = database.client().await;
    let url = database.url().replace("rollcall@", "rollcall:hidden-word@");
    let mut migrate = folder.command(&["migrate"]);
    migrate.env("ROLLCALL_DATABASE_URL", &url);
    let nowhere = url.replace("/postgres?", "/nowhere?");
    let line = refusal(folder.command(&["migrate"]).env("ROLLCALL_DATABASE_URL", nowhere));
    assert!(
        line.contains("nowhere") && line.contains("does not exist") && !line.contains("hidden-word"),
        "{line}"
    );
    client.batch_execute("create table theirs (id bigint)").await.expect("a table");
    let line = refusal(&mut migrate);
    assert!(line.contains("not Rollcall's") && !line.contains("hidden-word"), "{line}");
    client.batch_execute("drop table theirs").await.expect("dropped");
    assert!(said(&migrate.output().expect("it runs")).contains("from schema 0 to"));
    let newer =
        "insert into schema_migration (version, name, checksum, applied_at) values (999, 'later', '', 0)";
    client.batch_execute(newer).await.expect("a later version");
    let before =
        client.query("select relname::text from pg_class order by 1", &[]).await.expect("names").len();
    assert!(refusal(&mut migrate).contains("999"));
    let mut serve = folder.command(&["serve"]);
    serve.env("ROLLCALL_LISTEN", "127.0.0.1:0").env("ROLLCALL_DATABASE_URL", &url);
    assert!(refusal(&mut serve).contains("start the newer version"));
    let after =
        client.query("select relname::text from pg_class order by 1", &[]).await.expect("names").len();
    assert!(before == after && !folder.file("data/secret.key").exists());
    for command in [vec!["backup", "x.db"], vec!["restore", "x.db"]] {
        let line = refusal(folder.command(&command).env("ROLLCALL_DATABASE_URL", &url));
        assert!(line.contains("pg_basebackup") && !line.contains("hidden-word"), "{line}");
    }
}
