//! A pool that is empty, since all of its connections wait in the server: who asks is told soon, and no connection is left behind.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::Value;

use super::load::{Load, POOL, lasting, team};
use super::server::Server;

/// Holds a lock against a program under load; gives the trial's line.
async fn trial(lock: &str, away: Duration) -> String {
    let server = Server::new("");
    let load = Load::new(&server.url()).await;
    let (mut holder, watcher) = (server.client().await, server.client().await);
    let running = load.run("team");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let held = holder.transaction().await.expect("a transaction");
    held.batch_execute(lock).await.expect("locked");
    let (since, mut counts) = (Instant::now(), Vec::new());
    while since.elapsed() < away {
        tokio::time::sleep(Duration::from_millis(100)).await;
        counts.push(load.connections(&watcher).await);
    }
    // One that is given up is there for as long as the server needs to end it. What counts is those that stay for half a second.
    let most = counts.windows(5).filter_map(|counts| counts.iter().min()).max().copied().expect("counts");
    drop(held);
    let back = Instant::now();
    tokio::time::sleep(Duration::from_secs(6)).await;
    let ledger = running.end().await;
    assert!(ledger.refused() > 0, "nobody noticed");
    assert!(most < POOL * 3 / 2, "{most} connections of a pool of {POOL}");
    format!("{}; {most} at most meanwhile", ledger.settle(&load, &watcher, back).await)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_lock_that_holds_up_all_commands_leaves_no_connection_behind() {
    let away = lasting(6, 30);
    let line = trial("update organization set version = version", away).await;
    println!("every organization locked for {} s: {line}", away.as_secs());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_lock_that_holds_up_queries_as_well_leaves_no_connection_behind() {
    let away = lasting(6, 30);
    let line = trial("lock table token, team in access exclusive mode", away).await;
    println!("tables locked for {} s: {line}", away.as_secs());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn commands_that_wait_for_a_lock_take_no_connection_from_queries() {
    let server = Server::new("");
    let load = Load::new(&server.url()).await;
    let mut client = server.client().await;
    let lock = client.transaction().await.expect("a transaction");
    lock.execute("update organization set version = version", &[]).await.expect("every row");
    let names: Vec<_> = (0..24).map(|number| format!("waiting {number}")).collect();
    let waiting = join_all(names.iter().map(|name| load.send(team(name))));
    let asking = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        for _ in 0..20 {
            let asked = Instant::now();
            load.program.send("GET", "/v1/teams", &load.token, &Value::Null, 200).await;
            assert!(asked.elapsed() < Duration::from_secs(1), "a query took {:?}", asked.elapsed());
        }
    };
    let (refused, ()) = tokio::join!(waiting, asking);
    for told in refused {
        assert!(told.status == 503 && told.retry_after && told.took < Duration::from_secs(3), "{told:?}");
    }
}
