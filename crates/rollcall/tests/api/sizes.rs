//! The bounds of a request to the byte: what has just the size is taken, and one more is refused.

use crate::edge::raw;
use crate::support::Server;

/// Of path and query.
const URI_BYTES: usize = 8 * 1024;
/// Of names and values of headers together.
const HEADER_BYTES: usize = 64 * 1024;
const HEADER_LINES: usize = 100;
const BODY_BYTES: usize = 64 * 1024;

/// The headers that every request here has.
const PLAIN: &str = "Host: x\r\nConnection: close\r\n";
const PLAIN_LINES: usize = 2;
/// Of their names and values.
const PLAIN_BYTES: usize = PLAIN.len() - PLAIN_LINES * ": \r\n".len();

/// A status, and what stands in the answer.
type Expected = (u16, &'static str);
/// Of `/healthz`.
const LIVES: Expected = (200, "\r\n\r\nok");

/// Sends requests of just this size and of one more, each kind that there is of them.
async fn bound(
    size: usize,
    taken: Expected,
    refused: Expected,
    kinds: fn(usize) -> [(&'static str, String); 2],
) {
    let server = Server::start().await;
    for (size, (status, within)) in [(size, taken), (size + 1, refused)] {
        for (kind, request) in kinds(size) {
            let answer = raw(&server, &request).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{size} {kind}: {answer}");
            assert!(answer.contains("x-request-id: "), "{size} {kind}: {answer}");
            assert!(answer.contains(within), "{size} {kind}: {answer}");
            println!("size: {size} {kind}: {status}");
        }
    }
}

fn get(target: &str, headers: &[(String, String)]) -> String {
    let headers = headers.iter().map(|(name, value)| [name, ": ", value, "\r\n"].concat());
    format!("GET {target} HTTP/1.1\r\n{PLAIN}{}\r\n", headers.collect::<String>())
}

#[tokio::test]
async fn an_address_has_at_most_so_many_bytes() {
    bound(URI_BYTES, LIVES, (414, "\"uri_too_long\""), |bytes| {
        let begin = "/healthz?x=";
        let target = format!("{begin}{}", "x".repeat(bytes - begin.len()));
        // A host in the first line belongs to no path.
        [("bytes", get(&target, &[])), ("bytes behind a host", get(&format!("http://x{target}"), &[]))]
    })
    .await;
}

#[tokio::test]
async fn headers_have_at_most_so_many_lines() {
    bound(HEADER_LINES, LIVES, (431, "\"headers_too_large\""), |lines| {
        let named = |name: fn(usize) -> String| {
            let further = (PLAIN_LINES..lines).map(|number| (name(number), "x".to_owned()));
            get("/healthz", &further.collect::<Vec<_>>())
        };
        [
            ("lines", named(|number| format!("x-{number}"))),
            ("lines, most of one name", named(|_| "x-same".to_owned())),
        ]
    })
    .await;
}

#[tokio::test]
async fn headers_have_at_most_so_many_bytes() {
    bound(HEADER_BYTES, LIVES, (431, "\"headers_too_large\""), |bytes| {
        let named = |name: String| {
            let value = "x".repeat(bytes - PLAIN_BYTES - name.len());
            get("/healthz", &[(name, value)])
        };
        [("bytes in one line", named("x".to_owned())), ("bytes with a long name", named("x".repeat(30_000)))]
    })
    .await;
}

#[tokio::test]
async fn a_body_has_at_most_so_many_bytes() {
    bound(BODY_BYTES, (401, "\"credentials_invalid\""), (413, "\"body_too_large\""), |bytes| {
        let post = |framing: &str, body: &str| {
            format!(
                "POST /v1/auth HTTP/1.1\r\n{PLAIN}Content-Type: application/json\r\n{framing}\r\n\r\n{body}"
            )
        };
        let sign_in = "{\"email\": \"nobody@example.com\", \"password\": \"wrong-password\"}";
        // Blanks behind the object are no fault of JSON.
        let body = format!("{sign_in}{}", " ".repeat(bytes - sign_in.len()));
        let (begin, end) = body.split_at(bytes / 2);
        let chunks = format!("{:x}\r\n{begin}\r\n{:x}\r\n{end}\r\n0\r\n\r\n", begin.len(), end.len());
        [
            ("bytes", post(&format!("Content-Length: {bytes}"), &body)),
            ("bytes in chunks", post("Transfer-Encoding: chunked", &chunks)),
        ]
    })
    .await;
}
