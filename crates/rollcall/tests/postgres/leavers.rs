//! What somebody asks for while their account ends comes before the end or after it, and leaves no address of theirs behind.

use std::future::Future;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio_postgres::Client;

use super::database::Database;
use super::process::{Folder, Program};

/// How many addresses of customers stand in the logs.
const ADDRESSES: &str = "select count(*) from audit_event where actor_id is not null and ip is not null";

/// Waits until so many commands of a program wait for a lock.
async fn waiting(client: &Client, application: &str, commands: i64) {
    let sql =
        "select count(*) from pg_stat_activity where application_name = $1 and wait_event_type = 'Lock'";
    let end = Instant::now() + Duration::from_secs(2);
    while client.query_one(sql, &[&application]).await.expect("a count").get::<_, i64>(0) != commands {
        assert!(Instant::now() < end, "{commands} commands do not wait");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Runs the first as far as its entry in the log, then the second as far as it comes, and then both to their ends. Gives how many
/// addresses stand in the logs.
async fn one_behind_the_other(
    database: &Database,
    application: &str,
    first: impl Future<Output = Value>,
    second: impl Future<Output = Value>,
) -> i64 {
    let (mut rival, watcher) = (database.client().await, database.client().await);
    let held = rival.transaction().await.expect("a transaction");
    held.batch_execute("select 1 from audit_head for update").await.expect("the end of each log is held");
    let behind = async {
        waiting(&watcher, application, 1).await;
        let let_go = async {
            waiting(&watcher, application, 2).await;
            held.rollback().await.expect("let go");
        };
        tokio::join!(second, let_go)
    };
    tokio::join!(first, behind);
    watcher.query_one(ADDRESSES, &[]).await.expect("a count").get(0)
}

fn serve(folder: &Folder, database: &Database, application: &str) -> Program {
    let url = format!("{}&application_name={application}", database.url());
    folder.serve(&[("ROLLCALL_DATABASE_URL", &url), ("ROLLCALL_RATE_LIMITS", "off")])
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn whoever_asks_for_something_while_they_leave_finds_nothing_and_stands_in_no_log() {
    let (folder, database) = (Folder::new(), Database::new().await.expect("run this by ./scripts/postgres"));
    let program = serve(&folder, &database, "leavers-behind");
    let commands = [
        ("PATCH", "/v1/customer", json!({"name": "Anna"})),
        ("DELETE", "/v1/auth", Value::Null),
        ("DELETE", "/v1/customer/sessions", Value::Null),
        ("DELETE", "/v1/customer/username", Value::Null),
    ];
    for (number, (method, path, body)) in commands.iter().enumerate() {
        let ann = program.sign_up(&format!("Ann{number}")).await;
        let reason = json!({"reason": "done"});
        let leave = program.send("DELETE", "/v1/customer", &ann, &reason, 200);
        let late = program.send(method, path, &ann, body, 404);
        let addresses = one_behind_the_other(&database, "leavers-behind", leave, late).await;
        assert_eq!(addresses, 0, "{method} {path}");
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn what_somebody_asked_for_just_before_they_left_stands_in_no_log_with_an_address() {
    let (folder, database) = (Folder::new(), Database::new().await.expect("run this by ./scripts/postgres"));
    let program = serve(&folder, &database, "leavers-before");
    let commands = [
        ("PATCH", "/v1/customer", json!({"name": "Anna"})),
        ("DELETE", "/v1/auth", Value::Null),
        ("DELETE", "/v1/customer/sessions", Value::Null),
    ];
    for (number, (method, path, body)) in commands.iter().enumerate() {
        let ann = program.sign_up(&format!("Ann{number}")).await;
        let reason = json!({"reason": "done"});
        let before = program.send(method, path, &ann, body, 200);
        let leave = program.send("DELETE", "/v1/customer", &ann, &reason, 200);
        let addresses = one_behind_the_other(&database, "leavers-before", before, leave).await;
        assert_eq!(addresses, 0, "{method} {path}");
    }
}
