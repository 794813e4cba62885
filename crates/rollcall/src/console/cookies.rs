//! The console's cookies: bound to this host by their `__Host-` prefix (RFC 6265bis §4.1.3.2), never readable by scripts.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// The token of somebody who is signed in.
pub(super) const SESSION: &str = "__Host-rollcall";
/// A random value that forms are bound to before anybody is signed in.
pub(super) const VISIT: &str = "__Host-rollcall-visit";
/// What the next page has to say.
pub(super) const FLASH: &str = "__Host-rollcall-flash";
/// The language that was chosen.
pub(super) const LANGUAGE: &str = "__Host-rollcall-language";

/// The value of a cookie. Of two with one name none is believed: a browser sends a `__Host-` cookie once. What a neighbouring host has set
/// stands in the same line, and need not be text.
pub(super) fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut found = headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|pair| str::from_utf8(pair).ok()?.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// `Set-Cookie` for a value of URL-safe characters; it lives for some seconds, or until the browser ends.
pub(super) fn set(name: &str, value: &str, seconds: Option<i64>) -> HeaderValue {
    let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let line = format!("{name}={value}{age}; Path=/; Secure; HttpOnly; SameSite=Lax");
    HeaderValue::try_from(line).expect("names and values are URL-safe")
}

/// `Set-Cookie` that takes a cookie away.
pub(super) fn clear(name: &str) -> HeaderValue {
    set(name, "", Some(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_that_comes_twice_is_not_believed() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; __Host-rollcall=x; b=2"));
        assert_eq!(value(&headers, SESSION), Some("x"));
        assert_eq!(value(&headers, "b"), Some("2"));
        assert_eq!(value(&headers, "c"), None);
        headers.append(COOKIE, HeaderValue::from_static("__Host-rollcall=y"));
        assert_eq!(value(&headers, SESSION), None);
    }

    #[test]
    fn a_cookie_of_a_neighbour_that_is_no_text_voids_no_other() {
        let mut headers = HeaderMap::new();
        let line = HeaderValue::from_bytes(b"neighbour=\xff; __Host-rollcall=x").expect("a value");
        headers.append(COOKIE, line);
        assert_eq!(value(&headers, SESSION), Some("x"));
    }
}
