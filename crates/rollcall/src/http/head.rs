//! What the head of a request may be: one `Host`, an address and headers of bounded size.
//!
//! The HTTP library would end such requests by itself, without a word; here the client gets a problem with a request id. Its own
//! bounds in `server.rs` stand a little further out.

use http::header::HOST;
use http::{HeaderMap, Method, Version};

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
    // RFC 9112 §3.2: a bare host is for `CONNECT`, which only proxies have, and `*` for `OPTIONS`.
    let path = request.uri().path();
    let everything = path == "*" && request.method() == Method::OPTIONS;
    if !(everything || path.starts_with('/')) {
        return Some(malformed("The address of a request begins with a slash."));
    }
    if headers.len() > HEADER_LINES || size(headers) > HEADER_BYTES {
        return Some(Problem::new(Code::HeadersTooLarge));
    }
    // RFC 9112 §3.2: without it, with two, or with what is none, nobody can say whom the request is addressed to.
    let mut hosts = headers.get_all(HOST).iter();
    let one = match (hosts.next(), hosts.next()) {
        (Some(host), None) => names_a_host(host.as_bytes()),
        (None, _) => request.version() != Version::HTTP_11,
        (Some(_), Some(_)) => false,
    };
    (!one).then(|| malformed("A request has exactly one `Host` header, with a host and perhaps a port."))
}

fn malformed(detail: &'static str) -> Problem {
    Problem::because(Code::RequestMalformed, detail)
}

/// A host and perhaps a port (RFC 9110 §7.2), of the characters of RFC 3986 §3.2.
fn names_a_host(value: &[u8]) -> bool {
    // An address of IPv6 has colons itself, up to its bracket.
    let literal = value.starts_with(b"[");
    let end = value.iter().position(|byte| *byte == if literal { b']' } else { b':' });
    let end = end.map_or(value.len(), |at| at + usize::from(literal));
    let (host, port) = value.split_at(end);
    let named = match host {
        [] => false,
        [b'[', address @ .., b']'] => {
            !address.is_empty() && address.iter().all(|byte| byte.is_ascii_hexdigit() || b":.".contains(byte))
        }
        name => name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(byte)),
    };
    named
        && match port {
            [] => true,
            [b':', digits @ ..] => digits.iter().all(u8::is_ascii_digit),
            _ => false,
        }
}

fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_and_perhaps_a_port() {
        for host in ["localhost", "a.example:8080", "a_b", "127.0.0.1:1", "[::1]", "[::1]:8080", "x:", "a%41"]
        {
            assert!(names_a_host(host.as_bytes()), "{host}");
        }
        for host in [
            "",
            ":80",
            "user@a",
            "a/b",
            "a?b",
            "a#b",
            "a b",
            "a, b",
            "a:b",
            "a:80:80",
            "a\\b",
            "[::1",
            "::1]",
            "[::1]a",
            "[]",
            "[a]b:80",
            "[x]",
            "\u{e9}.example",
            "a\tb",
            "<a>",
        ] {
            assert!(!names_a_host(host.as_bytes()), "{host}");
        }
    }
}
