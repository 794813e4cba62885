//! The listener: hyper with bounds on slow and greedy clients, and an end that waits for what is in flight.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::front::Front;

/// What a client may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How long the headers of a request may take to arrive.
    pub headers: Duration,
    /// How many connections are open at once; further ones wait in the backlog.
    pub connections: usize,
    /// How long what is in flight may go on after the end was asked for.
    pub end: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { headers: Duration::from_secs(10), connections: 4_096, end: Duration::from_secs(25) }
    }
}

/// The most bytes that the head of a request may have, and the most lines; hyper answers 431 beyond, without a body. `head.rs`
/// refuses in our words what is a little less.
const HEAD_BYTES: usize = 128 * 1024;
const HEAD_LINES: usize = 200;

/// Serves until `end` resolves, then finishes what is in flight within the bounds.
pub async fn serve(
    listener: TcpListener,
    front: impl Into<Front>,
    bounds: Bounds,
    end: impl Future<Output = ()>,
) {
    let front = front.into();
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(bounds.connections));
    let mut end = std::pin::pin!(end);
    loop {
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            () = &mut end => break,
        };
        let Ok(place) = place else { break };
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => connection(stream, peer, place, &front, bounds, &graceful),
                Err(error) => {
                    // Out of file descriptors, for instance: those that close make room again.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            () = &mut end => break,
        }
    }
    drop(listener);
    if tokio::time::timeout(bounds.end, graceful.shutdown()).await.is_err() {
        tracing::warn!("some connections did not end in time and were closed");
    }
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    place: OwnedSemaphorePermit,
    front: &Front,
    bounds: Bounds,
    graceful: &GracefulShutdown,
) {
    // Answers are written whole: waiting for more to send would only add latency.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was refused");
    }
    let front = front.clone();
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let front = front.clone();
        async move { front.answer(request, peer).await }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.headers)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEAD_LINES)
        .serve_connection(TokioIo::new(stream), service);
    let watched = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = watched.await {
            tracing::debug!(%error, "a connection ended early");
        }
        drop(place);
    });
}
