//! Metrics as Prometheus text, on a listener of their own. Labels are bounded: route templates, methods, classes of
//! status, transports, outcomes; never a tenant, a person or a path as it was asked for.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use http::header::CONTENT_TYPE;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::TcpListener;

use crate::app::App;
use crate::http::server::{self, Bounds};
use crate::outbox;
use crate::upkeep;

const REQUESTS: &str = "rollcall_http_requests_total";
const REQUEST_TIME: &str = "rollcall_http_request_duration_seconds";
const ATTEMPTS: &str = "rollcall_delivery_attempts_total";
const ATTEMPT_TIME: &str = "rollcall_delivery_attempt_duration_seconds";
const WAITING: &str = "rollcall_outbox_messages";
const COMMITS: &str = "rollcall_storage_commits_total";

const CODE_ALARM: &str = "rollcall_code_alarm";
const STANDBY_READS: &str = "rollcall_storage_standby_reads_total";

/// Seconds.
const BUCKETS: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 20.0];
/// How often the exporter folds what it has gathered.
const UPKEEP: Duration = Duration::from_secs(5);

/// Whether anybody gathers: labels need not be made for nobody.
static GATHERING: AtomicBool = AtomicBool::new(false);

/// A request was answered.
pub(crate) fn answered(method: &'static str, route: &str, status: u16, took: Duration) {
    if !GATHERING.load(Ordering::Relaxed) {
        return;
    }
    let class = match status / 100 {
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    };
    counter!(REQUESTS, "method" => method, "route" => route.to_owned(), "status" => class).increment(1);
    histogram!(REQUEST_TIME, "method" => method, "route" => route.to_owned()).record(took.as_secs_f64());
}

/// A message was attempted.
pub(crate) fn attempted(transport: &'static str, outcome: &'static str, took: Duration) {
    counter!(ATTEMPTS, "transport" => transport, "outcome" => outcome).increment(1);
    histogram!(ATTEMPT_TIME, "transport" => transport).record(took.as_secs_f64());
}

/// Gathers from now on. Without this, what is counted is dropped where it is counted.
///
/// # Errors
/// In words, where something gathers already.
pub fn gather() -> Result<PrometheusHandle, String> {
    let builder =
        PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS);
    let handle = builder.and_then(PrometheusBuilder::install_recorder).map_err(|error| error.to_string())?;
    GATHERING.store(true, Ordering::Relaxed);
    describe_counter!(REQUESTS, "Requests that were answered.");
    describe_histogram!(REQUEST_TIME, Unit::Seconds, "From the head of a request to the head of its answer.");
    describe_counter!(ATTEMPTS, "Attempts to deliver a message.");
    describe_histogram!(ATTEMPT_TIME, Unit::Seconds, "How long attempts took.");
    describe_gauge!(WAITING, "Messages in the outbox.");
    describe_counter!(STANDBY_READS, "Queries that standbys answered, or the primary instead of them.");
    describe_gauge!(
        CODE_ALARM,
        "1 while one-time codes are guessed at large, or those by text and call go unused."
    );
    describe_counter!(COMMITS, "Commits that were synced to the disk; several commands may share one.");
    Ok(handle)
}

/// Answers `GET /metrics` until `end` resolves.
pub async fn serve(listener: TcpListener, handle: PrometheusHandle, app: App, end: impl Future<Output = ()>) {
    let upkeep = handle.clone();
    let folding = tokio::spawn(async move {
        let mut interval = tokio::time::interval(UPKEEP);
        loop {
            interval.tick().await;
            upkeep.run_upkeep();
        }
    });
    let text = move || {
        let (handle, app) = (handle.clone(), app.clone());
        async move {
            observe(&app).await;
            ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render())
        }
    };
    let router = Router::new().route("/metrics", get(text));
    server::serve(
        listener,
        router,
        Bounds { connections: 16, end: Duration::from_secs(1), ..Bounds::default() },
        end,
    )
    .await;
    folding.abort();
}

/// What is looked at when somebody asks, not counted as it happens.
async fn observe(app: &App) {
    counter!(COMMITS).absolute(app.db.commits());
    let standbys = app.db.standby_reads();
    for (outcome, count) in
        [("served", standbys.served), ("behind", standbys.behind), ("away", standbys.away)]
    {
        counter!(STANDBY_READS, "outcome" => outcome).absolute(count);
    }
    if let Ok(alarms) = upkeep::alarms(app).await {
        for (kind, rings) in [("guessing", alarms.guessing), ("unused", alarms.unused)] {
            gauge!(CODE_ALARM, "kind" => kind).set(f64::from(u8::from(rings)));
        }
    }
    if let Ok(waiting) = outbox::waiting(app).await {
        gauge!(WAITING).set(f64::from(waiting));
    }
}
