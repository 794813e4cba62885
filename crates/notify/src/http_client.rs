//! HTTP under bounds: one request, one answer of limited size in limited time, no redirect, no proxy.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::{Certificate, Client, ClientBuilder, RequestBuilder, Response, redirect};
use tokio::time::{Instant, timeout, timeout_at};

use crate::causes::causes;
use crate::guard::Refused;
use crate::guard::resolver::{GuardedResolver, Lookup};
use crate::{Bounds, GuardRules, Outcome, retry};

const USER_AGENT: &str = concat!("Rollcall/", env!("CARGO_PKG_VERSION"));
/// Idle connections kept to one host, and for how long: enough for a burst, little for an attacker to hold.
const IDLE_PER_HOST: usize = 2;
const IDLE_FOR: Duration = Duration::from_secs(30);

/// An answer, as far as it was read.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `Retry-After`, uncapped.
    pub(crate) after: Option<Duration>,
    /// The first octets of the body, at most [`Bounds::answer_bytes`].
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

/// Why there is no answer. Deliberately coarse: an error's own words may hold the URL, and how exactly a connection
/// failed is nobody's business who may have chosen the address.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// The guard refused an address.
    Refused,
    /// No connection: name unknown, closed or filtered port, TLS.
    Unreachable,
    /// A connection, but no status within the bounds.
    TooSlow,
    /// A connection that ended, or spoke no proper HTTP.
    Broken,
}

/// The client for URLs that people choose: resolves under the guard.
pub(crate) fn guarded(
    rules: &GuardRules,
    lookup: Arc<dyn Lookup>,
    bounds: &Bounds,
    root: Option<&Certificate>,
) -> reqwest::Result<Client> {
    let resolver = Arc::new(GuardedResolver::new(rules.clone(), lookup));
    build(|| bounded(bounds, root).https_only(!rules.allow_http).dns_resolver(Arc::clone(&resolver)))
}

/// The client for servers that the operator chose.
pub(crate) fn plain(bounds: &Bounds, root: Option<&Certificate>) -> reqwest::Result<Client> {
    build(|| bounded(bounds, root))
}

/// A bare container has no root certificates: that must not keep the service from starting. Then `https` trusts
/// nobody, and only plain `http`, where it is allowed, connects.
fn build(client: impl Fn() -> ClientBuilder) -> reqwest::Result<Client> {
    client().build().or_else(|_| {
        tracing::warn!("no root certificates on this system: https receivers cannot be reached");
        client().tls_certs_only([]).build()
    })
}

/// `root` is trusted beside the system's.
fn bounded(bounds: &Bounds, root: Option<&Certificate>) -> ClientBuilder {
    Client::builder()
        .tls_certs_merge(root.cloned())
        .no_proxy()
        .redirect(redirect::Policy::none())
        .referer(false)
        .http1_only()
        .connect_timeout(bounds.connect)
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .pool_idle_timeout(IDLE_FOR)
        .user_agent(USER_AGENT)
}

/// Sends a request and reads its answer within the bounds. `now` is what an HTTP date in `Retry-After` is reckoned from.
pub(crate) async fn exchange(
    request: RequestBuilder,
    bounds: &Bounds,
    now: Timestamp,
) -> Result<Answer, NoAnswer> {
    let end = Instant::now() + bounds.total;
    let response = match timeout_at(end, request.send()).await {
        Err(_) => return Err(NoAnswer::TooSlow),
        Ok(Err(error)) => return Err(reason(&error)),
        Ok(Ok(response)) => response,
    };
    let (status, after) = (response.status().as_u16(), retry::after(response.headers(), now));
    let time = bounds.answer.min(end.saturating_duration_since(Instant::now()));
    Ok(Answer { status, after, body: read(response, bounds.answer_bytes, time).await })
}

/// The same, where what there is no answer for is the outcome of the attempt.
pub(crate) async fn answered(
    request: RequestBuilder,
    bounds: &Bounds,
    now: Timestamp,
) -> Result<Answer, Outcome> {
    exchange(request, bounds, now).await.map_err(|no_answer| match no_answer {
        NoAnswer::Refused => not_allowed(),
        NoAnswer::Unreachable => Outcome::retry("The receiver could not be reached."),
        NoAnswer::TooSlow => Outcome::retry("The receiver did not answer in time."),
        NoAnswer::Broken => Outcome::retry("The receiver broke off before it answered."),
    })
}

/// The one outcome of everything that the guard refuses.
pub(crate) fn not_allowed() -> Outcome {
    Outcome::refused("This destination is not allowed.")
}

/// The start of the body. A body that is slow, endless or cut short takes nothing from the status that came before it.
async fn read(mut response: Response, most: usize, time: Duration) -> Vec<u8> {
    let mut body = Vec::new();
    let reading = async {
        while body.len() < most {
            let Ok(Some(chunk)) = response.chunk().await else { break };
            body.extend_from_slice(&chunk[..chunk.len().min(most - body.len())]);
        }
    };
    let _in_time = timeout(time, reading).await.is_ok();
    body
}

fn reason(error: &reqwest::Error) -> NoAnswer {
    if causes(error).any(<dyn Error>::is::<Refused>) {
        return NoAnswer::Refused;
    }
    if error.is_connect() || error.is_builder() {
        NoAnswer::Unreachable
    } else if error.is_timeout() {
        NoAnswer::TooSlow
    } else {
        NoAnswer::Broken
    }
}
