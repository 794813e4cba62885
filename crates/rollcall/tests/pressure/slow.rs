//! A thousand clients that send their headers slowly, their bodies slowly, or do not take their answers: everybody else is served.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, sleep, timeout};

use crate::bars::Bars;
use crate::long;
use crate::offer::percentile;
use crate::scene::{Scene, files};
use crate::wire::Wire;

const CLIENTS: usize = 1_000;

/// In which way a client is slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slowness {
    Headers,
    Body,
    Reading,
}

#[tokio::test]
async fn a_thousand_slow_clients_keep_nobody_else_from_being_served() {
    files();
    let scene = Scene::new(1).await;
    let lasting = Duration::from_secs(if long() { 240 } else { 4 });
    let idle = served_until(&scene, Instant::now() + lasting / 8).await;
    let mut bars = Bars::default();
    for how in [Slowness::Headers, Slowness::Body, Slowness::Reading] {
        let end = Instant::now() + lasting;
        let mut slow = tokio::task::JoinSet::new();
        // A debug build is slow itself at giving so many of the longest answer.
        let clients = if how == Slowness::Reading && !long() { CLIENTS / 10 } else { CLIENTS };
        for _ in 0..clients {
            slow.spawn(be_slow(scene.address, how, end));
        }
        let Others { tried, served, took } = served_until(&scene, end).await;
        let ended: u32 = slow.join_all().await.into_iter().sum();
        println!(
            "slow clients ({how:?}): {clients} connections, {served} of {tried} others served (p99 {:.1} ms, {:.1} ms without), {ended} \
             ended by the server, memory {:.0} MB",
            percentile(&took, 0.99),
            percentile(&idle.took, 0.99),
            scene.program.resident_megabytes(),
        );
        assert!(served * 100 >= tried * 99, "{how:?}: {served} of {tried}");
        let times = percentile(&took, 0.99) / percentile(&idle.took, 0.99);
        bars.most(format!("p99 beside slow clients ({how:?}), times that without"), times, 2.0);
    }
    bars.hold();
}

/// What became of clients that are not slow.
#[derive(Default)]
struct Others {
    tried: u32,
    served: u32,
    /// Milliseconds of each that was answered, with the opening of its connection.
    took: Vec<f64>,
}

/// One client after the other, each with a connection of its own.
async fn served_until(scene: &Scene, end: Instant) -> Others {
    let mut others = Others::default();
    while Instant::now() < end {
        let begun = Instant::now();
        let request = &scene.requests[others.tried as usize % 10];
        let asked = async { Wire::open(scene.address).await?.ask(request).await };
        others.tried += 1;
        if let Ok(Ok(head)) = timeout(Duration::from_secs(10), asked).await {
            others.served += u32::from(head.status == 200);
            others.took.push(begun.elapsed().as_secs_f64() * 1_000.0);
        }
        sleep(Duration::from_millis(20)).await;
    }
    others
}

/// Is slow, again and again, until the end; says how often the server ended it.
async fn be_slow(to: SocketAddr, how: Slowness, end: Instant) -> u32 {
    let mut ended = 0;
    while Instant::now() < end {
        // What the server does to such a client is its own affair.
        let _ = timeout(end.duration_since(Instant::now()), crawl(to, how)).await;
        ended += u32::from(Instant::now() < end);
    }
    ended
}

async fn crawl(to: SocketAddr, how: Slowness) -> std::io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    if how == Slowness::Reading {
        socket.set_recv_buffer_size(2_048)?;
    }
    let mut stream: TcpStream = socket.connect(to).await?;
    let drop_by_drop: &[u8] = match how {
        Slowness::Headers => b"GET /v1/customer HTTP/1.1\r\nHost: x\r\n",
        Slowness::Body => {
            b"POST /v1/auth HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{"
        }
        Slowness::Reading => b"",
    };
    stream.write_all(drop_by_drop).await?;
    if how == Slowness::Reading {
        for _ in 0..16 {
            stream.write_all(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n").await?;
        }
        let mut few = [0; 16];
        while stream.read(&mut few).await? > 0 {
            sleep(Duration::from_secs(1)).await;
        }
        return Ok(());
    }
    let mut answer = [0; 512];
    loop {
        tokio::select! {
            read = stream.read(&mut answer) => if read? == 0 { return Ok(()) },
            () = sleep(Duration::from_secs(1)) => stream.write_all(if how == Slowness::Headers { b"X-A: b\r\n" } else { b" " }).await?,
        }
    }
}
