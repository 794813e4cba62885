//! CORS (Fetch standard): exact origins of the configuration alone, never `*`, never credentials.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderValue, Method, StatusCode};

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
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response {
    if policy.cors_origins.is_empty() {
        return answer(request).await;
    }
    let origin = request.headers().get(ORIGIN).cloned();
    let allowed =
        origin.filter(|origin| policy.cors_origins.iter().any(|known| known.as_bytes() == origin.as_bytes()));
    let preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match (&allowed, preflight) {
        (Some(_), true) => {
            let mut response = StatusCode::NO_CONTENT.into_response();
            response.headers_mut().insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            response.headers_mut().insert(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
            response.headers_mut().insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
            response
        }
        _ => answer(request).await,
    };
    response.headers_mut().append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = allowed {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        response.headers_mut().insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    response
}
