//! A million messages that wait for their next attempt: the API does not feel them.

use std::time::Duration;

use rusqlite::Connection;

use crate::bars::Bars;
use crate::long;
use crate::offer::{offer, percentile};
use crate::overload::sustained;
use crate::process::Folder;
use crate::scene::{Scene, files};

#[tokio::test]
async fn a_backlog_of_messages_slows_no_request_down() {
    files();
    let messages = if long() { 1_000_000 } else { 5_000 };
    let lasting = Duration::from_secs(if long() { 30 } else { 2 });
    let scene = Scene::new(if long() { 50 } else { 5 }).await;
    let (rate, _) = sustained(&scene, if long() { 3 } else { 1 }).await;
    let half = rate / 2.0;
    // Both begin with a server that has just started.
    let scene = scene.restart(|_| ());
    let before = offer(scene.address, &scene.requests, half, lasting).await;
    let scene = scene.restart(|folder| fill(folder, messages));
    let after = offer(scene.address, &scene.requests, half, lasting).await;
    assert!(before.other.is_empty() && after.other.is_empty(), "{:?}", after.other.first());
    let (before, after) = (percentile(&before.served, 0.99), percentile(&after.served, 0.99));
    println!(
        "backlog: with {messages} messages waiting, p99 at {half:.0}/s is {after:.1} ms, {:.2} times the {before:.1} ms without",
        after / before
    );
    let mut bars = Bars::default();
    bars.most("p99 with the backlog, times that without", after / before, 1.5);
    bars.hold();
}

/// Messages of a thousand receivers, due in ten minutes and over the three days after: what an outage of theirs leaves behind.
fn fill(folder: &Folder, messages: u32) {
    let mut database = Connection::open(folder.file("data/rollcall.db")).expect("the database");
    let tx = database.transaction().expect("a transaction");
    let organization: Vec<u8> =
        tx.query_row("select organization_id from organization limit 1", (), |row| row.get(0)).expect("one");
    tx.execute(
        "insert into outbox (delivery_id, organization_id, transport, room, lane, host, message_sealed, attempts,
                             due_at, expires_at, created_at)
         with recursive number (n) as (values (1) union all select n + 1 from number where n < ?2)
         select randomblob(16), ?1, 'webhook', 'web', unhex(printf('%032x', n % 1000)), 'receiver' || (n % 1000) || '.example.com',
                randomblob(600), 3, (unixepoch() + 600 + n % 259200) * 1000000, (unixepoch() + 400000) * 1000000,
                unixepoch() * 1000000
         from number",
        (organization, messages),
    )
    .expect("a backlog");
    tx.commit().expect("committed");
}
