//! CORS (Fetch standard): exact origins of the configuration alone, never `*`, never credentials.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};

use crate::config::Policy;

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
const HEADERS: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, Idempotency-Key, If-None-Match, Rollcall-Position, X-Request-Id",
);
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "ETag, Idempotency-Replayed, Retry-After, Rollcall-Position, WWW-Authenticate, X-Request-Id",
);

/// Answers preflights of allowed origins and lets their scripts read answers; to all others the API is silent.
pub(super) async fn allow<F: Future<Output = Response>>(
    policy: &Policy,
    request: Request<Body>,
    answer: impl FnOnce(Request<Body>) -> F,
) -> Response {
    if policy.cors_origins.is_empty() {
        return answer(request).await;
    }
    let origin = request.headers().get(ORIGIN).cloned();
    let mut response = if allowed(policy, origin.as_ref()).is_some() && is_preflight(&request) {
        let mut response = StatusCode::NO_CONTENT.into_response();
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        response.headers_mut().insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        response
    } else {
        answer(request).await
    };
    tell(policy, origin.as_ref(), response.headers_mut());
    response
}

/// Whether a browser asks first what it may send.
pub(super) fn is_preflight<B>(request: &Request<B>) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Says on an answer whether scripts of the origin that asked may read it.
pub(super) fn tell(policy: &Policy, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
    if policy.cors_origins.is_empty() {
        return;
    }
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = allowed(policy, origin) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}

fn allowed<'a>(policy: &Policy, origin: Option<&'a HeaderValue>) -> Option<&'a HeaderValue> {
    origin.filter(|origin| policy.cors_origins.iter().any(|known| known.as_bytes() == origin.as_bytes()))
}
