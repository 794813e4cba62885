//! How long a request may take as a whole, its body included: one that drips in holds nothing for long.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CONNECTION;

use crate::db::patience;
use crate::problem::{Code, Problem};

/// The most that a request may take.
pub(super) const LONGEST: Duration = Duration::from_secs(30);

/// Answers a request that takes too long with 408, and has its connection closed: the rest of it may still come. What it waits for the
/// storage has a limit of its own ([`patience`]).
pub(super) async fn keep(longest: Duration, answer: impl Future<Output = Response>) -> Response {
    tokio::time::timeout(longest, patience::of_one_request(answer)).await.unwrap_or_else(|_| {
        let mut response = Problem::new(Code::RequestTimeout).into_response();
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        response
    })
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use futures_util::stream;

    use super::*;

    #[tokio::test]
    async fn a_body_that_never_ends_is_answered_and_its_connection_closed() {
        let endless = Body::from_stream(stream::pending::<Result<bytes::Bytes, std::io::Error>>());
        let answer = async { to_bytes(endless, 1).await.expect("a body").into_response() };
        let response = keep(Duration::from_millis(5), answer).await;
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
