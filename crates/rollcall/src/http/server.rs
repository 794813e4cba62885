//! The listener: hyper with bounds on slow and greedy clients, and an end that waits for what is in flight.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt;

/// What a client may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How long the headers of a request may take to arrive.
    pub headers: Duration,
    /// How long a request may take as a whole, its body included.
    pub request: Duration,
    /// How many connections are open at once; further ones wait in the backlog.
    pub connections: usize,
    /// How long what is in flight may go on after the end was asked for.
    pub end: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            headers: Duration::from_secs(10),
            request: Duration::from_secs(30),
            connections: 4_096,
            end: Duration::from_secs(25),
        }
    }
}

/// The most bytes that the head of a request may have; hyper answers 431 beyond.
const HEAD_BYTES: usize = 64 * 1024;
/// The most header lines.
const HEAD_LINES: usize = 100;

/// Serves until `end` resolves, then finishes what is in flight within the bounds.
pub async fn serve(listener: TcpListener, router: Router, bounds: Bounds, end: impl Future<Output = ()>) {
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
                Ok((stream, peer)) => connection(stream, peer, place, &router, bounds, &graceful),
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
    router: &Router,
    bounds: Bounds,
    graceful: &GracefulShutdown,
) {
    // Answers are written whole: waiting for more to send would only add latency.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was refused");
    }
    let router = router.clone();
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let router = router.clone();
        async move {
            let mut request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            Ok::<_, Infallible>(answer(router, request, bounds.request).await)
        }
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

/// A request that takes too long, most often because its body drips, is answered and its connection closed.
async fn answer(
    router: Router,
    request: axum::extract::Request,
    bound: Duration,
) -> axum::response::Response {
    match tokio::time::timeout(bound, router.oneshot(request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(never)) => match never {},
        Err(_) => {
            let mut response = axum::response::Response::new(axum::body::Body::empty());
            *response.status_mut() = http::StatusCode::REQUEST_TIMEOUT;
            response.headers_mut().insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
            response
        }
    }
}
