//! How long a request may take as a whole, its body included: one that drips in holds nothing for long.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CONNECTION;

use crate::problem::{Code, Problem};

/// The most that a request may take.
pub const LONGEST: Duration = Duration::from_secs(30);

/// Answers a request that takes too long with 408, and has its connection closed: the rest of it may still come.
pub async fn keep(State(longest): State<Duration>, request: Request, next: Next) -> Response {
    tokio::time::timeout(longest, next.run(request)).await.unwrap_or_else(|_| {
        let mut response = Problem::new(Code::RequestTimeout).into_response();
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        response
    })
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use axum::routing::post;
    use futures_util::stream;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn a_body_that_never_ends_is_answered_and_its_connection_closed() {
        let router = Router::new()
            .route("/", post(async |body: bytes::Bytes| body))
            .layer(from_fn_with_state(Duration::from_millis(5), keep));
        let endless = Body::from_stream(stream::pending::<Result<bytes::Bytes, std::io::Error>>());
        let request = Request::post("/").body(endless).expect("a request");
        let response = router.oneshot(request).await.expect("an answer");
        assert_eq!(
            (response.status().as_u16(), &response.headers()[CONNECTION]),
            (408, &HeaderValue::from_static("close"))
        );
        assert_eq!(
            response.extensions().get::<Problem>().map(|problem| problem.code),
            Some(Code::RequestTimeout)
        );
    }
}
