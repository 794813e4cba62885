//! Requests that two readers could take for two different ones: each gets one answer, what was hidden in it gets none, and the request
//! behind it on the same connection is answered as what it is, or not at all because the connection has ended.

use std::fmt::Write as _;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::Server;

/// What is sent, and the statuses that come back: first the probe's, then that of the request behind it.
type Probe = (&'static str, String, &'static [u16]);

/// The request behind each probe.
const BEHIND: &str = "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Request-Id: behind\r\nConnection: close\r\n\r\n";
/// What somebody would like to get answered, or executed.
const HIDDEN: &str = "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Request-Id: hidden\r\n\r\n";

/// The connection has ended.
const ENDED: &[u16] = &[400];
/// Refused, and the connection goes on: where the request ends was never in doubt.
const REFUSED: &[u16] = &[400, 200];
/// Taken for what it says.
const TAKEN: &[u16] = &[200, 200];
/// A body that was read, and the connection goes on.
const READ: &[u16] = &[422, 200];
/// The same, and the connection has ended: nothing is read behind chunks.
const CHUNKS: &[u16] = &[422];

fn get(target: &str, headers: &str) -> String {
    format!("GET {target} HTTP/1.1\r\n{headers}\r\n")
}

/// A request with a body; what it lacks is told by its status.
fn post(framing: &str, body: &str) -> String {
    format!("POST /v1/auth HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{framing}\r\n{body}")
}

fn hosts() -> Vec<Probe> {
    let host = |value: &str| get("/healthz", &format!("Host: {value}\r\n"));
    vec![
        ("no host", get("/healthz", ""), REFUSED),
        ("two hosts", get("/healthz", "Host: x\r\nHost: y\r\n"), REFUSED),
        ("the same host twice", get("/healthz", "Host: x\r\nHost: x\r\n"), REFUSED),
        ("an empty host", host(""), REFUSED),
        ("a host with a user", host("user@x"), REFUSED),
        ("a host with a path", host("x/v1"), REFUSED),
        ("a host with a query", host("x?y"), REFUSED),
        ("two hosts in one line", host("x, y"), REFUSED),
        ("a port that is none", host("x:http"), REFUSED),
        ("an address of IPv6", host("[::1]:8080"), TAKEN),
        (
            "HTTP/1.0 without a host",
            "GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".to_owned(),
            TAKEN,
        ),
        ("an absolute address", get("http://x/healthz", "Host: x\r\n"), TAKEN),
        // RFC 9112 §3.2.2: the address counts, not the header.
        (
            "an absolute address elsewhere",
            get("http://auth.api.example.com/v1/teams", "Host: customer-query.api.example.com\r\n"),
            &[404, 200],
        ),
        ("an absolute address without a host", get("http://x/healthz", ""), REFUSED),
    ]
}

fn lines() -> Vec<Probe> {
    let header = |line: &str| get("/healthz", &format!("Host: x\r\n{line}\r\n"));
    let line = |line: &str| format!("{line}\r\nHost: x\r\n\r\n");
    vec![
        ("a folded header", header("X-A: b\r\n c"), ENDED),
        ("a blank before the colon", header("X-A : b"), ENDED),
        ("a length with a blank before the colon", post("Content-Length : 2\r\n", "{}"), ENDED),
        (
            "chunks with a blank before the colon",
            post("Transfer-Encoding : chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"),
            ENDED,
        ),
        ("a header without a name", header(": b"), ENDED),
        ("a header without a colon", header("X-A"), ENDED),
        ("a name with a bracket", header("X[A: b"), ENDED),
        ("a name beyond ASCII", header("X\u{eb}: b"), ENDED),
        ("a return in a value", header("X-A: b\rX-B: c"), ENDED),
        ("a zero byte in a value", header("X-A: b\0c"), ENDED),
        ("a bell in a value", header("X-A: b\u{7}c"), ENDED),
        ("a blank line of blanks before the headers", get("/healthz", " \r\nHost: x\r\n"), ENDED),
        // RFC 9112 §2.2 lets a line end without its return.
        ("a line that ends without a return", "GET /healthz HTTP/1.1\nHost: x\n\n".to_owned(), TAKEN),
        ("lines that end in a return alone", "GET /healthz HTTP/1.1\rHost: x\r\r".to_owned(), ENDED),
        ("empty lines before it", format!("\r\n\r\n{}", get("/healthz", "Host: x\r\n")), TAKEN),
        ("two blanks in the first line", line("GET  /healthz HTTP/1.1"), ENDED),
        ("a tab in the first line", line("GET\t/healthz HTTP/1.1"), ENDED),
        ("no address", line("GET HTTP/1.1"), ENDED),
        ("an address without a slash", line("GET healthz HTTP/1.1"), REFUSED),
        ("a zero byte in the address", line("GET /\0healthz HTTP/1.1"), ENDED),
        ("letters beyond ASCII in the address", line("GET /h\u{e9} HTTP/1.1"), ENDED),
        ("an encoded zero byte", line("GET /healthz%00 HTTP/1.1"), &[404, 200]),
        ("encoded ends of lines", line("GET /healthz%0d%0aX-Request-Id:%20hidden HTTP/1.1"), &[404, 200]),
        ("a fragment", line("GET /healthz#hidden HTTP/1.1"), TAKEN),
        ("HTTP/0.9", "GET /healthz\r\n".to_owned(), ENDED),
        ("HTTP/9.9", line("GET /healthz HTTP/9.9"), ENDED),
        ("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), &[]),
        ("a method in small letters", line("get /healthz HTTP/1.1"), &[405, 200]),
        ("CONNECT", line("CONNECT x:443 HTTP/1.1"), REFUSED),
        ("GET of everything", line("GET * HTTP/1.1"), REFUSED),
        ("OPTIONS of everything", line("OPTIONS * HTTP/1.1"), &[404, 200]),
        ("a protocol that nobody speaks", header("Connection: upgrade\r\nUpgrade: nothing/1"), TAKEN),
    ]
}

fn lengths() -> Vec<Probe> {
    let length = |value: &str| post(&format!("Content-Length: {value}\r\n"), "{}");
    vec![
        ("a length", length("2"), READ),
        ("no length", post("", ""), &[400, 200]),
        ("zeros before it", length("0002"), READ),
        ("blanks around it", length(" 2\t"), READ),
        ("the same length twice", post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}"), READ),
        ("two lengths", post("Content-Length: 2\r\nContent-Length: 5\r\n", "{}"), ENDED),
        ("a list of lengths", length("2, 5"), ENDED),
        ("a signed length", length("+2"), ENDED),
        ("a negative length", length("-2"), ENDED),
        ("a hexadecimal length", length("0x2"), ENDED),
        ("an octal length", length("0o2"), ENDED),
        ("a length with a blank in it", length("2 0"), ENDED),
        ("an empty length", length(""), ENDED),
        ("a word for a length", length("two"), ENDED),
        ("a length beyond all", length("99999999999999999999"), ENDED),
        ("a request as a body", post(&format!("Content-Length: {}\r\n", HIDDEN.len()), HIDDEN), REFUSED),
        (
            "a request as the body of a query",
            get("/healthz", &format!("Host: x\r\nContent-Length: {}\r\n", HIDDEN.len())) + HIDDEN,
            TAKEN,
        ),
        (
            "a body that is announced by `Expect`",
            post("Content-Length: 2\r\nExpect: 100-continue\r\n", "{}"),
            &[100, 422, 200],
        ),
        ("an end that the client asks for", get("/healthz", "Host: x\r\nConnection: close\r\n"), &[200]),
    ]
}

/// Length and coding, and codings that are not chunks: whoever stands between may have gone by the other.
fn codings() -> Vec<Probe> {
    let chunks = "2\r\n{}\r\n0\r\n\r\n";
    let coded = |coding: &str| post(&format!("Transfer-Encoding: {coding}\r\n"), chunks);
    let both = |headers: &str, body: &str| post(headers, &format!("{body}{HIDDEN}"));
    vec![
        (
            "length, then chunks",
            both("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nX"),
            ENDED,
        ),
        (
            "chunks, then length",
            both("Transfer-Encoding: chunked\r\nContent-Length: 6\r\n", "0\r\n\r\nX"),
            ENDED,
        ),
        (
            "chunks, then a length that reaches further",
            both("Transfer-Encoding: chunked\r\nContent-Length: 99\r\n", chunks),
            CHUNKS,
        ),
        ("chunks", coded("chunked"), CHUNKS),
        ("chunks in large letters", coded("Chunked"), CHUNKS),
        ("a blank behind it", coded("chunked "), CHUNKS),
        ("chunks of chunks", coded("chunked, chunked"), CHUNKS),
        ("a comma before it", coded(", chunked"), CHUNKS),
        ("another coding and chunks", coded("gzip, chunked"), CHUNKS),
        ("chunks and another coding", coded("chunked, identity"), ENDED),
        ("another coding", coded("xchunked"), ENDED),
        ("no coding", coded(""), ENDED),
        ("a coding in quotes", coded("\"chunked\""), ENDED),
        ("a coding behind a vertical tab", coded("\u{b}chunked"), ENDED),
        ("a coding behind a form feed", coded("\u{c}chunked"), ENDED),
        (
            "two lines of codings",
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", chunks),
            ENDED,
        ),
        (
            "chunks in HTTP/1.0",
            coded("chunked").replace("HTTP/1.1", "HTTP/1.0\r\nConnection: keep-alive"),
            ENDED,
        ),
    ]
}

fn chunks() -> Vec<Probe> {
    let chunked = |body: &str| post("Transfer-Encoding: chunked\r\n", body);
    let whole = |chunk: &str| chunked(&format!("{chunk}\r\n0\r\n\r\n"));
    let mut probes = vec![
        ("many chunks", chunked("1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"), CHUNKS),
        ("no chunk", chunked("0\r\n\r\n"), ENDED),
        ("an extension", whole("2;a=\"b\"\r\n{}"), CHUNKS),
        ("an extension without a name", whole("2;\r\n{}"), CHUNKS),
        ("an extension with a bracket", whole("2;a[=b\r\n{}"), CHUNKS),
        ("an extension that ends without a return", whole("2;a\n{}"), ENDED),
        ("an extension with a return", whole("2;a\rb\r\n{}"), ENDED),
        ("an extension of 64 KiB", whole(&format!("2;a={}\r\n{{}}", "b".repeat(65_536))), ENDED),
        ("a size with a prefix", whole("0x2\r\n{}"), ENDED),
        ("a signed size", whole("+2\r\n{}"), ENDED),
        ("a negative size", whole("-2\r\n{}"), ENDED),
        ("a size with a line in it", whole("0_2\r\n{}"), ENDED),
        ("a blank before the size", whole(" 2\r\n{}"), ENDED),
        ("a blank behind the size", whole("2 \r\n{}"), CHUNKS),
        ("no size", whole("\r\n{}"), ENDED),
        ("a size that overflows", whole("FFFFFFFFFFFFFFFF2\r\n{}"), ENDED),
        ("more than the size says", whole("1\r\n{}"), ENDED),
        ("nothing between two chunks", chunked("2\r\n{}0\r\n\r\n"), ENDED),
        ("a chunk that ends without a return", chunked("2\r\n{}\n0\r\n\r\n"), ENDED),
        ("trailers", chunked("2\r\n{}\r\n0\r\nHost: y\r\nContent-Length: 9\r\n\r\n"), CHUNKS),
        ("a request behind the last chunk", chunked(&format!("2\r\n{{}}\r\n0\r\n\r\n{HIDDEN}")), CHUNKS),
        ("a request in the trailers", chunked(&format!("2\r\n{{}}\r\n0\r\n{HIDDEN}")), ENDED),
    ];
    let hidden = format!("{:x}\r\n{HIDDEN}\r\n0\r\n\r\n", HIDDEN.len());
    probes.push(("a request in a chunk", chunked(&hidden), ENDED));
    probes
}

#[tokio::test]
async fn each_request_gets_one_answer_and_nothing_hidden_in_it_any() {
    let server = Server::with(&[("rate_limits", "off")]).await;
    let (mut count, mut wrong) = (0, String::new());
    for (name, probe, expected) in [hosts(), lines(), lengths(), codings(), chunks()].concat() {
        let answer = exchange(&server, &format!("{probe}{BEHIND}")).await;
        let heads: Vec<&str> = answer.split("HTTP/1.").skip(1).map(|head| &head[2..]).collect();
        let statuses: Vec<u16> = heads.iter().map(|head| head[..3].parse().expect("a status")).collect();
        let behind: Vec<bool> = heads.iter().map(|head| head.contains("x-request-id: behind\r\n")).collect();
        // Its own answer, and nobody else's: the last one of a connection that went on.
        let goes_on = expected.len() > 1;
        let in_order = behind.iter().enumerate().all(|(at, own)| *own == (goes_on && at + 1 == heads.len()));
        if statuses != expected || !in_order || answer.contains("x-request-id: hidden\r\n") {
            writeln!(wrong, "{name}: {statuses:?} instead of {expected:?}: {answer}").expect("memory");
        }
        count += 1;
    }
    println!("framing: {count} probes, one answer for each request, nothing hidden answered");
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Sends a text, each character as a byte, and gives what came back until the end of the connection.
async fn exchange(server: &Server, text: &str) -> String {
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).expect("a byte")).collect();
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    // A server that has read enough closes on what is still being sent.
    let sent = stream.write_all(&bytes).await;
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "no end of the answers to {text:?}");
    assert!(sent.is_ok() || !answer.is_empty(), "neither read nor answered: {text:?}");
    String::from_utf8_lossy(&answer).into_owned()
}
