//! The listener: hyper with bounds on slow and greedy clients, and an end that waits for what is in flight.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::HeaderValue;
use http::header::{CONNECTION, TRANSFER_ENCODING};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::front::Front;
use super::last_connections;
use super::outgoing::Outgoing;

/// What a client may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How long the headers of a request may take to arrive.
    pub headers: Duration,
    /// How long a client may take for an answer, from when it stops taking it as fast as it comes.
    pub answers: Duration,
    /// How many connections are open at once; further ones wait in the backlog.
    pub connections: usize,
    /// How long what is in flight may go on after the end was asked for.
    pub end: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            headers: Duration::from_secs(10),
            answers: Duration::from_secs(30),
            connections: 32_768,
            end: Duration::from_secs(25),
        }
    }
}

/// The most bytes that the head of a request may have, and the most lines; hyper answers 431 beyond, without a body. `head.rs`
/// refuses in our words what is a little less.
const HEAD_BYTES: usize = 128 * 1024;
const HEAD_LINES: usize = 200;

/// How long a client that is connected may still begin a request after the end was asked for: who keeps a connection may be sending
/// just then, and a connection that is closed on a request resets it. The answers say that the connection ends.
const LAST_REQUESTS: Duration = Duration::from_millis(500);
/// How long a connection that has begun may take to be made, which is one round trip.
const LAST_CONNECTIONS: Duration = Duration::from_millis(50);

impl Bounds {
    /// The same for a process that may have so many files open: deliveries get a quarter of them, and forty are for the storage and
    /// the process itself. With what is left it accepts connections; beyond, clients wait, and nothing else fails.
    #[must_use]
    pub fn within(self, files: usize) -> Self {
        let left = files.saturating_sub(files / 4).saturating_sub(40);
        Self { connections: self.connections.min(left.max(8)), ..self }
    }
}

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
    let ending = Arc::new(AtomicBool::new(false));
    let mut end = std::pin::pin!(end);
    loop {
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            () = &mut end => break,
        };
        let Ok(place) = place else { break };
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => connection(stream, peer, Some(place), &front, &ending, bounds, &graceful),
                Err(error) => {
                    // Out of file descriptors, for instance: those that close make room again.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            () = &mut end => break,
        }
    }
    ending.store(true, Ordering::Relaxed);
    let until = Instant::now() + bounds.end;
    // Nobody waits for a place any more: these are the last.
    let last = |(stream, peer)| {
        let place = Arc::clone(&places).try_acquire_owned().ok();
        connection(stream, peer, place, &front, &ending, bounds, &graceful);
    };
    last_connections::shut(&listener);
    let shut = Instant::now();
    while shut.elapsed() < LAST_CONNECTIONS || graceful.count() > 0 && shut.elapsed() < LAST_REQUESTS {
        match tokio::time::timeout(Duration::from_millis(10), listener.accept()).await {
            Ok(Ok(connected)) => last(connected),
            // Out of file descriptors: those that close make room.
            Ok(Err(_)) => tokio::time::sleep(Duration::from_millis(10)).await,
            Err(_) => {}
        }
    }
    last_connections::close(listener).into_iter().for_each(last);
    if tokio::time::timeout_at(until, graceful.shutdown()).await.is_err() {
        tracing::warn!("some connections did not end in time and were closed");
    }
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    place: Option<OwnedSemaphorePermit>,
    front: &Front,
    ending: &Arc<AtomicBool>,
    bounds: Bounds,
    graceful: &GracefulShutdown,
) {
    // Answers are written whole: waiting for more to send would only add latency.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was refused");
    }
    let (front, ending) = (front.clone(), Arc::clone(ending));
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (front, ending) = (front.clone(), Arc::clone(&ending));
        // RFC 9112 §6.1: what comes behind chunks could be what somebody in between took for a part of them, by a length that stood
        // beside them and that the library passes over. It is not read.
        let last = request.headers().contains_key(TRANSFER_ENCODING);
        async move {
            let mut answer = front.answer(request, peer).await;
            if let Ok(response) = &mut answer
                && (last || ending.load(Ordering::Relaxed))
            {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            answer
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.headers)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEAD_LINES)
        .serve_connection(Outgoing::new(TokioIo::new(stream), bounds.answers), service);
    let watched = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = watched.await {
            tracing::debug!(%error, "a connection ended early");
        }
        drop(place);
    });
}
