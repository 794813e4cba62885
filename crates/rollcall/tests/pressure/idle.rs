//! Connections that are opened and say nothing, from many addresses: new ones go on being accepted.

use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::long;
use crate::offer::percentile;
use crate::scene::{Scene, files};
use crate::wire::{Wire, connect};

#[tokio::test]
async fn connections_that_say_nothing_do_not_stop_others_from_being_accepted() {
    let most = files() - 300;
    let scene = Scene::new(1).await;
    let wanted = most.min(if long() { 20_000 } else { 2_000 });
    let before = scene.program.resident_megabytes();
    let begun = Instant::now();
    let mut silent = Vec::with_capacity(wanted);
    for number in 0..wanted {
        let from = Ipv4Addr::new(127, 0, 1, u8::try_from(number % 200).expect("below 200") + 1);
        // The backlog is bounded: some have to wait for their turn.
        let stream = timeout(Duration::from_secs(20), connect(scene.address, from)).await;
        silent.push(stream.expect("a place in the backlog").expect("a connection"));
    }
    let opened = begun.elapsed().as_secs_f64();
    let mut took = Vec::new();
    for number in 0..200 {
        let begun = Instant::now();
        let asked = async { Wire::open(scene.address).await?.ask(&scene.requests[number % 10]).await };
        let head =
            timeout(Duration::from_secs(10), asked).await.expect("it is accepted").expect("it is answered");
        assert_eq!(head.status, 200);
        took.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    let open = silent.iter().filter(|stream| matches!(stream.try_read(&mut [0; 1]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)).count();
    println!(
        "idle connections: {wanted} opened in {opened:.1} s, {open} still open, 200 of 200 others served (p99 {:.0} ms), memory {before:.0} \
         to {:.0} MB",
        percentile(&took, 0.99),
        scene.program.resident_megabytes(),
    );
}
