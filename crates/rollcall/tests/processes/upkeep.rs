//! Upkeep is every worker's, and each round is done by one of them.

use std::time::{Duration, Instant};

use super::database::Database;
use super::process::{Folder, Program, said};

const WORKERS: i64 = 4;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn of_workers_that_start_at_once_one_sweeps() {
    let (folder, database) = (Folder::new(), Database::new().await.expect("run this by ./scripts/postgres"));
    let url = database.url();
    // The same for all, as on several machines.
    std::fs::create_dir_all(folder.file("data")).expect("a folder");
    std::fs::write(folder.file("data/secret.key"), "5a".repeat(32)).expect("keys");
    let migrated = folder.command(&["migrate"]).env("ROLLCALL_DATABASE_URL", &url).output();
    said(&migrated.expect("it runs"));
    let client = database.client().await;
    let count = "create sequence sweeps;
        create function swept() returns trigger language plpgsql as $$ begin perform nextval('sweeps'); return null; end $$;
        create trigger swept after delete on sign_up for each statement execute function swept()";
    client.batch_execute(count).await.expect("a trigger");
    let start = || {
        let mut command = folder.command(&["serve"]);
        command.env("ROLLCALL_LISTEN", "127.0.0.1:0").env("ROLLCALL_DATABASE_URL", &url);
        command.env("ROLLCALL_SERVICES", "worker").stderr(std::process::Stdio::null());
        Program::start(&mut command)
    };
    let _workers: Vec<_> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..WORKERS).map(|_| scope.spawn(start)).collect();
        started.into_iter().map(|started| started.join().expect("it starts")).collect()
    });
    // Each has asked whose turn it is, and whoever has it has begun.
    let (mut asked, mut sweeps): (i64, i64) = (0, 0);
    let end = Instant::now() + Duration::from_secs(10);
    while asked < WORKERS || sweeps < 1 {
        assert!(Instant::now() < end, "{asked} have asked, {sweeps} have swept");
        tokio::time::sleep(Duration::from_millis(50)).await;
        let before =
            client.query_one("select last_value, is_called from sweeps", &[]).await.expect("a count");
        sweeps = if before.get::<_, bool>(1) { before.get(0) } else { 0 };
        let row = client.query_one("select coalesce(max(used), 0) from allowance", &[]).await;
        asked = row.expect("a count").get(0);
    }
    assert_eq!(sweeps, 1, "of {WORKERS} workers");
}
