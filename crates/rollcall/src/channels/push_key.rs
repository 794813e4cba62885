//! Shows the key that browsers subscribe with.

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::http::query::tagged;
use crate::http::reply::json_bytes;
use crate::problem::Problem;

/// The key by which browsers and push services know this server (VAPID, RFC 8292).
#[derive(Debug, Serialize, ToSchema)]
pub struct PushPublicKey {
    /// `applicationServerKey` of `pushManager.subscribe()`: base64url of an uncompressed point on P-256, 65 bytes.
    public_key: String,
}

/// Show the public key for push notifications
///
/// A page gives it to the browser to get the subscription that is the value of a `push-notification` channel.
#[utoipa::path(
    get, path = "/v1/push/public-key", tag = "Notification channel types",
    responses((status = 200, description = "The key. It stays the same over restarts.", body = PushPublicKey)),
)]
pub async fn show_push_public_key(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let key = app.transports.notifier.push_public_key().ok_or_else(Problem::not_found)?;
    Ok(tagged(json_bytes(&PushPublicKey { public_key: key.to_owned() }), &headers))
}
