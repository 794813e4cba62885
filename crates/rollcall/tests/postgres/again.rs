//! Commands that lost, against others or their connection, before anything was acknowledged: they are run again as a whole.

use std::time::{Duration, Instant};

use serde_json::json;

use super::database::Database;
use super::load::{Load, team};

/// How often the database says no before it says yes.
const REFUSALS: i64 = 3;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_command_that_lost_is_run_again_as_a_whole_and_done_once() {
    let database = Database::new().await.expect("run this by ./scripts/postgres");
    let load = Load::new(&database.url()).await;
    let client = database.client().await;
    // A sequence goes on where a transaction is taken back: it counts the tries.
    let refuse = "create sequence tries;
        create table word (code text);
        create function refuse() returns trigger language plpgsql as $$
        begin
          if nextval('tries') <= 3 then raise exception 'not now' using errcode = (select code from word); end if;
          return new;
        end $$;
        create trigger refuse before insert on team for each row execute function refuse()";
    client.batch_execute(refuse).await.expect("a trigger");
    // Serialization failure, deadlock, ended by the operator, a server that takes no writes any more; and what is no mood.
    for (code, status, tries) in
        [("40001", 201, 4), ("40P01", 201, 4), ("57P01", 201, 4), ("25006", 201, 4), ("22012", 500, 1)]
    {
        let word =
            format!("truncate word; insert into word values ('{code}'); select setval('tries', 1, false)");
        client.batch_execute(&word).await.expect("set");
        let told = load.send(team(code)).await;
        assert_eq!(told.status, status, "{code}: {told:?}");
        let tried = client.query_one("select last_value from tries", &[]).await.expect("a count");
        assert_eq!(tried.get::<_, i64>(0), tries, "{code}");
        let made =
            client.query_one("select count(*) from team where name = $1", &[&code]).await.expect("a count");
        assert_eq!(made.get::<_, i64>(0), i64::from(status == 201), "{code}");
    }
    let events =
        client.query_one("select count(*) from audit_event where action = 'team.created'", &[]).await;
    assert_eq!(events.expect("a count").get::<_, i64>(0), REFUSALS + 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_command_that_is_chosen_to_end_a_deadlock_is_run_again() {
    let database = Database::new().await.expect("run this by ./scripts/postgres");
    let load = Load::new(&database.url()).await;
    let (mut rival, watcher) = (database.client().await, database.client().await);
    // The command finds the deadlock long before its rival does, and so is the one that is ended.
    rival.batch_execute("set deadlock_timeout = '30s'").await.expect("set");
    let held = rival.transaction().await.expect("a transaction");
    held.batch_execute("lock table team in share row exclusive mode").await.expect("locked");
    let rivalry = async {
        // The command holds its organization and waits for the table.
        let waits = "select count(*) from pg_locks where relation = 'team'::regclass and not granted";
        let end = Instant::now() + Duration::from_secs(2);
        while watcher.query_one(waits, &[]).await.expect("locks").get::<_, i64>(0) == 0 {
            assert!(Instant::now() < end, "the command does not wait");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let begun = Instant::now();
        held.batch_execute("select 1 from organization for update").await.expect("the command has let go");
        held.commit().await.expect("committed");
        begun.elapsed()
    };
    let (told, took) = tokio::join!(load.send(team("Platform")), rivalry);
    assert_eq!(told.status, 201, "{told:?}");
    assert!(took < Duration::from_secs(3), "the rival went on after {took:?}");
    let teams = load.program.send("GET", "/v1/teams", &load.token, &json!(null), 200).await;
    assert_eq!(teams["data"].as_array().map(Vec::len), Some(1));
}
