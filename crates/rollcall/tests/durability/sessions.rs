//! What was acknowledged is in the log that the server has written to its disk, even where everybody around says that this need not be.

use std::time::Duration;

use serde_json::json;

use super::database::Database;
use super::process::Folder;

const COMMANDS: usize = 40;

/// How many of the commands were acknowledged before the server had flushed its log.
async fn unflushed(database: &Database, settings: &str) -> usize {
    let folder = Folder::new();
    let url = format!("{}{settings}", database.url());
    let serve = || folder.serve(&[("ROLLCALL_DATABASE_URL", &url)]);
    let program = tokio::task::block_in_place(serve);
    let token = program.sign_up("Ann").await;
    let client = database.client().await;
    let mut unflushed = 0;
    for number in 0..COMMANDS {
        program.send("POST", "/v1/team", &token, &json!({"name": format!("Team {number}")}), 201).await;
        let flushed = "select pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn()";
        unflushed += usize::from(!client.query_one(flushed, &[]).await.expect("an answer").get::<_, bool>(0));
        // The server's own writer flushes five times a second: not in step with it.
        tokio::time::sleep(Duration::from_millis(7)).await;
    }
    unflushed
}

/// The role tells its sessions not to wait for the disk, until this is dropped: other tests have the same role.
struct Careless<'a>(&'a Database);

impl<'a> Careless<'a> {
    async fn role(database: &'a Database) -> Self {
        let careless = Self(database);
        let role = "alter role rollcall set synchronous_commit = off";
        database.client().await.batch_execute(role).await.expect("the role");
        careless
    }
}

impl Drop for Careless<'_> {
    fn drop(&mut self) {
        // A test's own runtime cannot be waited for from within.
        let reset = || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            let reset = "alter role rollcall reset synchronous_commit";
            runtime.block_on(async { self.0.client().await.batch_execute(reset).await })
        };
        match std::thread::scope(|scope| scope.spawn(reset).join()) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => eprintln!("the role stays careless: {error}"),
            Err(_) => eprintln!("the role stays careless"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL"]
async fn on_postgresql_a_session_that_is_told_not_to_wait_for_the_disk_waits_all_the_same() {
    let database = Database::new().await.expect("run this by ./scripts/postgres");
    let careless = Careless::role(&database).await;
    let found = unflushed(&database, "%20-csynchronous_commit%3Doff").await;
    drop(careless);
    let careless = "select count(*) from pg_roles where rolname = 'rollcall' and rolconfig::text like '%synchronous_commit%'";
    let careless: i64 = database.client().await.query_one(careless, &[]).await.expect("an answer").get(0);
    assert_eq!(careless, 0, "the role is as it was");
    // The worker writes into the same log at the same time.
    assert!(found * 4 < COMMANDS, "{found} of {COMMANDS} were acknowledged before the log was on the disk");
    println!(
        "durability, PostgreSQL: {COMMANDS} commands with synchronous_commit=off all around, {found} answered before the flush"
    );
}
