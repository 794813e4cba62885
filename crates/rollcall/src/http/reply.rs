//! What a command answers: a status and a JSON body, ready to be sent and, under an idempotency key, to be kept.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use super::position;
use crate::db::Position;

/// Marks an answer that was given before (`Idempotency-Replayed: true`).
pub const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The answer of a command that succeeded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// 200, 201 or 202.
    pub status: StatusCode,
    /// The JSON text.
    pub body: Bytes,
    /// Whether it was given before, to the same idempotency key.
    pub replayed: bool,
    /// Where the change stands in the log of the database, where standbys serve queries.
    pub position: Option<Position>,
}

impl Reply {
    /// 200: done.
    pub fn ok(body: &impl Serialize) -> Self {
        Self::new(StatusCode::OK, body)
    }

    /// 201: something was created.
    pub fn created(body: &impl Serialize) -> Self {
        Self::new(StatusCode::CREATED, body)
    }

    /// 202: the work is accepted, and goes on.
    pub fn accepted(body: &impl Serialize) -> Self {
        Self::new(StatusCode::ACCEPTED, body)
    }

    fn new(status: StatusCode, body: &impl Serialize) -> Self {
        Self { status, body: json_bytes(body), replayed: false, position: None }
    }
}

/// An answer that says what was done, and nothing else.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Done {
    /// What was done, for people.
    message: String,
}

impl Done {
    /// With the sentence.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

/// The JSON text of a wire type.
///
/// # Panics
/// Never for our wire types: they have text keys and no failing `Serialize`.
pub fn json_bytes(body: &impl Serialize) -> Bytes {
    Bytes::from(serde_json::to_vec(body).expect("wire types have text keys and infallible parts"))
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let json = HeaderValue::from_static("application/json");
        let mut response = (self.status, [(CONTENT_TYPE, json)], self.body).into_response();
        if self.replayed {
            response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
        }
        if let Some(value) = self.position.and_then(position::value) {
            response.headers_mut().insert(position::ROLLCALL_POSITION, value);
        }
        response
    }
}
