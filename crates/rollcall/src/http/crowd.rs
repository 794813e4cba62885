//! Too much at once: whoever comes while the storage has its hands full is turned away at once, so that those who are inside are
//! served in time.
//!
//! What is counted is work, not requests: a client that sends its body slowly takes no place from anybody.

use axum::response::IntoResponse;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;

use super::request_id::{RequestId, X_REQUEST_ID};
use super::{cors, problem_body, reply_headers};
use crate::app::App;
use crate::problem::{Code, Problem};

/// How many queries and commands may wait or run. At ten thousand a second the last of them waits for a twentieth of a second.
pub const MOST: usize = 512;

/// Whether a request is to be turned away. Probes get in: whoever runs the service must see that it lives. So do browsers that ask what
/// they may send: that costs as little as the refusal.
pub(super) fn turns_away<B>(app: &App, request: &Request<B>) -> bool {
    app.db.running() >= MOST
        && !matches!(request.uri().path(), "/healthz" | "/readyz")
        && !cors::is_preflight(request)
}

/// 503 with `Retry-After`, made once but for what is each request's own: what it costs is taken from those who are served.
pub(super) struct Refusal {
    headers: HeaderMap,
    before_id: String,
    after_id: String,
}

/// What stands for the request's id until there is one. A sane id needs no escaping in JSON either.
const NO_ID: &str = "no-id-yet";

impl Refusal {
    pub(super) fn new() -> Self {
        let detail = "Too many requests are waiting just now. Try again in a second.";
        let problem = Problem::because(Code::Unavailable, detail);
        let body = problem_body::written(problem.clone(), StatusCode::SERVICE_UNAVAILABLE, NO_ID);
        let body = str::from_utf8(&body).expect("JSON is UTF-8");
        let (before_id, after_id) = body.split_once(NO_ID).expect("it holds the id");
        let mut headers = problem.into_response().headers().clone();
        headers.insert(CONTENT_TYPE, problem_body::PROBLEM_JSON);
        reply_headers::add(&mut headers);
        // The place of the request's own.
        headers.insert(X_REQUEST_ID, HeaderValue::from_static(NO_ID));
        Self { before_id: before_id.to_owned(), after_id: after_id.to_owned(), headers }
    }

    /// The answer to a request.
    pub(super) fn answer(&self, id: RequestId) -> Response<Full<Bytes>> {
        let body = [&*self.before_id, id.as_str(), &*self.after_id].concat();
        let mut response = Response::new(Full::from(body));
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        *response.headers_mut() = self.headers.clone();
        response.headers_mut().insert(X_REQUEST_ID, id.into_value());
        response
    }
}
