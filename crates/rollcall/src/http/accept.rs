//! `Accept`: operations answer in JSON, and say so to who takes none (RFC 9110 §12.5.1).

use http::header::ACCEPT;
use http::{HeaderMap, Request};

use crate::problem::{Code, Problem};

/// What is wrong with a request for an operation that takes no JSON.
pub(super) fn fault<B>(request: &Request<B>) -> Option<Problem> {
    let refused = request.uri().path().contains("/v1/") && !takes_json(request.headers());
    refused.then(|| Problem::new(Code::NotAcceptable))
}

pub(super) fn takes_json(headers: &HeaderMap) -> bool {
    let mut ranges = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|range| !range.is_empty())
        .peekable();
    ranges.peek().is_none() || ranges.any(json_range)
}

fn json_range(range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default().to_ascii_lowercase();
    let refused = parts.any(|part| {
        part.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()).is_some_and(|quality| quality <= 0.0)
    });
    let json =
        matches!(media.as_str(), "*/*" | "application/*" | "application/json" | "application/problem+json");
    json && !refused
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn everything_that_covers_json_is_taken() {
        for (accept, taken) in [
            ("application/json, text/plain, */*", true),
            ("application/*;q=0.5", true),
            ("text/html", false),
            ("application/json;q=0", false),
            ("", true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(takes_json(&headers), taken, "{accept}");
        }
    }
}
