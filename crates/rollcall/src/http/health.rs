//! `/healthz`: the process lives. `/readyz`: it can serve.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::problem::{Code, Problem};

/// 200 as long as the process answers at all.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// 200 when the storage answers and takes changes, else 503.
pub async fn readyz(State(app): State<App>) -> Response {
    match app.db.check().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            let detail = "Not ready: the storage does not answer, or takes no changes.";
            Problem::because(Code::Unavailable, detail).into_response()
        }
    }
}
