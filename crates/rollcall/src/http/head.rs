//! What the head of a request may be: one `Host`, an address and headers of bounded size.
//!
//! The HTTP library would end such requests by itself, without a word; here the client gets a problem with a request id. Its own
//! bounds in `server.rs` stand a little further out.

use http::header::HOST;
use http::{HeaderMap, Version};

use crate::problem::{Code, Problem};

/// The most bytes of path and query.
const LONGEST_URI: usize = 8 * 1024;
/// The most bytes of names and values together.
const HEADER_BYTES: usize = 64 * 1024;
/// The most header lines.
const HEADER_LINES: usize = 100;

/// What is wrong with a head that is out of bounds.
pub(super) fn fault<B>(request: &http::Request<B>) -> Option<Problem> {
    let headers = request.headers();
    if request.uri().path_and_query().is_some_and(|text| text.as_str().len() > LONGEST_URI) {
        return Some(Problem::new(Code::UriTooLong));
    }
    if headers.len() > HEADER_LINES || size(headers) > HEADER_BYTES {
        return Some(Problem::new(Code::HeadersTooLarge));
    }
    // RFC 9112 §3.2: without it, or with two, nobody can say whom the request is addressed to.
    let hosts = headers.get_all(HOST).iter().count();
    (hosts > 1 || (hosts == 0 && request.version() == Version::HTTP_11))
        .then(|| Problem::because(Code::RequestMalformed, "A request has exactly one `Host` header."))
}

fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}
