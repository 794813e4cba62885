//! Who may see the mailbox: it holds codes, so a server that is only for this machine shows it to this machine alone.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{FORWARDED, HOST};
use http::{HeaderMap, HeaderName};

use crate::app::App;
use crate::config::Mailbox;
use crate::problem::Problem;

/// Headers that proxies add: a request with one comes from somewhere else.
const FORWARDING: [HeaderName; 7] = [
    FORWARDED,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("via"),
];

/// Lets a request pass that may see the mailbox; to all others there is none.
pub(crate) async fn check(State(app): State<App>, request: Request, next: Next) -> Response {
    if shown_to(&app, request.headers()) {
        next.run(request).await
    } else {
        Problem::not_found().into_response()
    }
}

/// Whether a request may see it.
pub(crate) fn shown_to(app: &App, headers: &HeaderMap) -> bool {
    match app.policy.mailbox {
        Mailbox::Off => false,
        Mailbox::Open => true,
        Mailbox::Local => local(headers),
    }
}

/// A loopback `Host` (a page of another site that resolves to this machine has its own), and no proxy in between.
fn local(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).is_some_and(loopback);
    host && !FORWARDING.iter().any(|name| headers.contains_key(name))
}

pub(super) fn loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let name = name.to_ascii_lowercase();
    // Whatever is below `localhost` is this machine too (RFC 6761 §6.3).
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_direct_requests_to_a_loopback_name_are_local() {
        for (host, expected) in [
            ("localhost:8080", true),
            ("127.0.0.1", true),
            ("[::1]:8080", true),
            ("LOCALHOST", true),
            ("rollcall.localhost:8080", true),
            ("rollcall.example.com", false),
            ("localhost.example.com:8080", false),
            ("notlocalhost", false),
            ("127.0.0.1.nip.io", false),
            ("10.0.0.1:8080", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static(host));
            assert_eq!(local(&headers), expected, "{host}");
            headers.insert("x-forwarded-for", HeaderValue::from_static("127.0.0.1"));
            assert!(!local(&headers), "{host} through a proxy");
        }
    }
}
