//! What reading an `Authorization` header promises.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

/// A token comes out of one header with one scheme, and of nothing else.
pub(crate) fn bearer(bytes: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(bytes) else { return };
    let mut headers = HeaderMap::from_iter([(AUTHORIZATION, value.clone())]);
    if let Ok(found) = super::authenticate::bearer(&headers) {
        assert!(found.is_some() && bytes[..6].eq_ignore_ascii_case(b"bearer"));
    }
    headers.append(AUTHORIZATION, value);
    assert!(super::authenticate::bearer(&headers).is_err());
}
