//! A database that is stopped, killed or frozen, or that ends its connections: who asks is told soon, what was acknowledged is there,
//! and nobody has to start Rollcall anew.

use std::time::{Duration, Instant};

use super::database::Database;
use super::load::{Load, lasting};
use super::server::Server;

/// For how long clients go on before, and after it is back: longer than it may take to heal.
const BEFORE: Duration = Duration::from_secs(1);
const AFTER: Duration = Duration::from_secs(6);

/// Lets something befall a server under load, which comes by a URL, and gives the trial's line. `befall` ends when the server is back.
pub(crate) async fn trial(server: &Server, url: String, befall: impl AsyncFnOnce()) -> String {
    let load = Load::new(&url).await;
    let running = load.run("team");
    tokio::time::sleep(BEFORE).await;
    befall().await;
    let back = Instant::now();
    tokio::time::sleep(AFTER).await;
    let ledger = running.end().await;
    assert!(ledger.refused() > 0, "nobody noticed");
    ledger.settle(&load, &server.client().await, back).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_server_that_is_stopped_and_started_costs_no_acknowledged_write() {
    let (server, away) = (Server::new(""), lasting(8, 30));
    let line = trial(&server, server.url(), async || {
        server.stop();
        tokio::time::sleep(away).await;
        server.start();
    });
    println!("stopped for {} s: {}", away.as_secs(), line.await);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_postmaster_that_is_killed_and_started_again_costs_no_acknowledged_write() {
    let (server, away) = (Server::new(""), lasting(4, 10));
    let line = trial(&server, server.url(), async || {
        server.kill();
        tokio::time::sleep(away).await;
        server.start();
    });
    println!("postmaster killed, started again after {} s: {}", away.as_secs(), line.await);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn a_server_that_stands_still_is_told_of_within_three_seconds() {
    let (server, away) = (Server::new(""), lasting(6, 20));
    let line = trial(&server, server.url(), async || {
        server.freeze();
        tokio::time::sleep(away).await;
        server.thaw();
    });
    println!("stood still for {} s: {}", away.as_secs(), line.await);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn connections_that_are_ended_at_random_are_hardly_noticed() {
    let database = Database::new().await.expect("run this by ./scripts/postgres");
    let (load, lasts) = (Load::new(&database.url()).await, lasting(5, 30));
    let client = database.client().await;
    let running = load.run("team");
    let (begun, mut ended) = (Instant::now(), 0);
    while begun.elapsed() < lasts {
        tokio::time::sleep(Duration::from_millis(100)).await;
        ended += load.end_connections(&client, 2).await;
    }
    let back = Instant::now();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let ledger = running.end().await;
    assert!(ended > 20 && ledger.good() > 50, "{ended} ended, {} written", ledger.good());
    // A command that had not been committed was simply done again.
    assert!(ledger.refused() * 20 < ledger.good(), "{} refused of {}", ledger.refused(), ledger.good());
    let line = ledger.settle(&load, &client, back).await;
    println!("{ended} connections ended, two each 100 ms for {} s: {line}", lasts.as_secs());
}
