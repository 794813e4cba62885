//! The style sheet, compiled in.

use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;

use crate::http::query::tagged_as;

const STYLE: &str = include_str!("../../assets/rollcall.css");

/// `GET /assets/rollcall.css`: asked for anew each time, answered by its `ETag`, so that an update shows at once.
pub(super) async fn style(headers: HeaderMap) -> Response {
    tagged_as("text/css; charset=utf-8", Bytes::from_static(STYLE.as_bytes()), &headers)
}
