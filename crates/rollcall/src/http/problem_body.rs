//! Writes the body of every refusal, those of the framework included, and turns a panic into one.

use std::panic::AssertUnwindSafe;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::FutureExt;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::reply::json_bytes;
use super::request_id::RequestId;
use crate::problem::{Code, FieldError, Problem};

/// The media type of a refusal's body.
pub(super) const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// A refusal as clients see it (RFC 9457, `application/problem+json`).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// A link to the problem's description.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference")]
    kind: String,
    /// What went wrong, the same for every occurrence.
    title: &'static str,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What went wrong this time, and what to do.
    detail: String,
    /// The stable code, for programs.
    code: &'static str,
    /// The id of the request, as in `X-Request-Id`.
    request_id: String,
    /// With 422: every faulty field.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<FieldError>>,
}

/// Marks an answer whose body is for people and stays as it is, whatever its status.
#[derive(Debug, Clone, Copy)]
pub struct Rendered;

/// Awaits the answer to a request and writes the body of a refusal, whoever refused.
pub(crate) async fn render(
    id: Option<&RequestId>,
    method: &Method,
    answer: impl Future<Output = Response>,
) -> Response {
    let request_id = id.map(RequestId::as_str).unwrap_or_default();
    // A panic in one request must not end the connection without an answer.
    let response = AssertUnwindSafe(answer).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!(request_id, "a request ended in a panic");
        Problem::new(Code::Internal).into_response()
    });
    let faulty = response.status().is_client_error() || response.status().is_server_error();
    if faulty && response.extensions().get::<Rendered>().is_none() {
        with_body(response, request_id, *method == Method::HEAD)
    } else {
        response
    }
}

fn with_body(response: Response, request_id: &str, head: bool) -> Response {
    let (mut parts, _) = response.into_parts();
    let problem =
        parts.extensions.remove::<Problem>().unwrap_or_else(|| Problem::new(Code::for_status(parts.status)));
    let body = written(problem, parts.status, request_id);
    parts.headers.insert(CONTENT_TYPE, PROBLEM_JSON);
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    let body = if head { axum::body::Body::empty() } else { axum::body::Body::from(body) };
    Response::from_parts(parts, body)
}

/// The body of a refusal.
pub(super) fn written(problem: Problem, status: StatusCode, request_id: &str) -> Bytes {
    json_bytes(&ProblemBody {
        kind: problem.code.uri(),
        title: problem.code.title(),
        status: status.as_u16(),
        detail: problem.detail.into_owned(),
        code: problem.code.name(),
        request_id: request_id.to_owned(),
        errors: (status == StatusCode::UNPROCESSABLE_ENTITY).then_some(problem.errors),
    })
}
