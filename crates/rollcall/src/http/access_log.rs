//! A line of the log, a span and the counters for each request: method, route template, status, duration, request id.
//! No path as it was asked for, no query, no header: those may hold ids, addresses and tokens.

use std::fmt;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::Method;
use tracing::{Instrument, Level, Span, field};

use super::request_id::RequestId;
use crate::telemetry::{metrics, traces};

/// The template of the route that answered, on its way out.
#[derive(Clone)]
pub(super) struct Route(pub(super) MatchedPath);

/// Notes which route answers; stands around the routes, where the router has said which one it is.
pub async fn note_route(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(Route(route));
    }
    response
}

/// Logs, traces and counts a request while it is answered.
pub(super) async fn write(
    method: &Method,
    id: &RequestId,
    answer: impl Future<Output = Response>,
) -> Response {
    let entry = Entry::begin(method, id.as_str().to_owned());
    let response = answer.instrument(entry.span.clone()).await;
    let route = response.extensions().get::<Route>().map_or("unmatched", |Route(route)| route.as_str());
    entry.finish(route, response.status().as_u16());
    response
}

/// A method as a label: strangers' inventions are one.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Three digits of a millisecond are enough; written only where the log takes the line.
struct Milliseconds(Duration);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0.as_secs_f64() * 1_000.0)
    }
}

/// A request that is being answered.
pub(super) struct Entry {
    method: &'static str,
    id: String,
    span: Span,
    begun: Instant,
    done: bool,
}

impl Entry {
    /// A request that came just now.
    pub(super) fn begin(method: &Method, id: String) -> Self {
        let span = tracing::info_span!(
            "request",
            request_id = id,
            otel.kind = "server",
            http.request.method = field::Empty,
            http.route = field::Empty,
            http.response.status_code = field::Empty,
        );
        Self { method: known(method), id, span, begun: Instant::now(), done: false }
    }

    /// Its answer, by the template of the route that gave it.
    pub(super) fn finish(mut self, route: &str, status: u16) {
        self.done = true;
        let (method, took) = (self.method, self.begun.elapsed());
        if !self.span.is_disabled() {
            traces::rename(&self.span, format!("{method} {route}"));
            self.span.record("http.request.method", method);
            self.span.record("http.route", route);
            self.span.record("http.response.status_code", status);
        }
        metrics::answered(method, route, status, took);
        let duration_ms = field::display(Milliseconds(took));
        // Probes come every few seconds and tell nothing.
        if matches!(route, "/healthz" | "/readyz") && status == 200 {
            tracing::event!(parent: None, Level::DEBUG, method, route, status, duration_ms, request_id = self.id, "answered");
        } else {
            tracing::event!(parent: None, Level::INFO, method, route, status, duration_ms, request_id = self.id, "answered");
        }
    }
}

impl Drop for Entry {
    /// The client went away, or took too long: the work was dropped half way.
    fn drop(&mut self) {
        if !self.done {
            let duration_ms = field::display(Milliseconds(self.begun.elapsed()));
            tracing::info!(parent: None, method = self.method, duration_ms, request_id = self.id, "abandoned");
        }
    }
}
