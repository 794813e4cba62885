//! A wire to the database that is cut, or on which nothing comes through any more.

use std::time::{Duration, Instant};

use super::database::Database;
use super::load::Load;
use super::proxy::Proxy;

/// Does something to the wire for a while, and gives the trial's line.
async fn trial(befall: impl FnOnce(&Proxy)) -> String {
    let database = Database::new().await.expect("run this by ./scripts/postgres");
    let proxy = Proxy::before(&database.url()).await;
    let load = Load::new(proxy.url()).await;
    let running = load.run("team");
    tokio::time::sleep(Duration::from_millis(500)).await;
    befall(&proxy);
    tokio::time::sleep(Duration::from_secs(4)).await;
    let ready = load.program.http.get(format!("{}/readyz", load.program.url)).send().await;
    assert_eq!(ready.expect("an answer").status(), 503);
    proxy.mend();
    let back = Instant::now();
    tokio::time::sleep(Duration::from_secs(6)).await;
    let ledger = running.end().await;
    assert!(ledger.refused() > 0, "nobody noticed");
    ledger.settle(&load, &database.client().await, back).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_wire_that_is_cut_is_told_of_within_three_seconds_and_used_again_when_it_is_mended() {
    println!("wire cut for 4 s: {}", trial(Proxy::cut).await);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_wire_on_which_nothing_comes_through_is_told_of_within_three_seconds() {
    println!("wire held for 4 s: {}", trial(Proxy::hold).await);
}
