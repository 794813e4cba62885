//! Clients that are slow, greedy or out to confuse: each gets one answer for each request, and nobody else is held up.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::Server;

/// Sends bytes on one connection and gives what came back until its end.
async fn exchange(server: &Server, bytes: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    stream.write_all(bytes.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

fn statuses(answer: &str) -> Vec<&str> {
    answer.split("HTTP/1.1 ").skip(1).map(|rest| &rest[..3]).collect()
}

#[tokio::test]
async fn a_request_framed_in_two_ways_smuggles_no_other() {
    let server = Server::start().await;
    let last = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let head = "POST /v1/auth HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let smuggled = "GET /v1/teams HTTP/1.1\r\nHost: x\r\n\r\n";
    for (name, framing, body, most) in [
        (
            "length and chunks",
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n".to_owned(),
            2,
        ),
        (
            "chunks and length",
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            "0\r\n\r\n".to_owned(),
            2,
        ),
        ("two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n", "hello".to_owned(), 1),
        ("a list of lengths", "Content-Length: 5, 6\r\n", "hello".to_owned(), 1),
        ("a signed length", "Content-Length: +5\r\n", "hello".to_owned(), 1),
        ("an unknown coding", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n".to_owned(), 1),
        ("a coding behind chunks", "Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n".to_owned(), 1),
        (
            "extensions of chunks",
            "Transfer-Encoding: chunked\r\n",
            "2;a=\"b\"\r\n{}\r\n0\r\n\r\n".to_owned(),
            2,
        ),
        ("a size that overflows", "Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFFF\r\n{}".to_owned(), 1),
        ("a request in a body", "Content-Length: 35\r\n", smuggled.to_owned(), 2),
    ] {
        let answer = exchange(&server, &format!("{head}{framing}\r\n{body}{last}")).await;
        let seen = statuses(&answer);
        assert!((1..=most).contains(&seen.len()), "{name}: {seen:?}");
        assert!(seen[0].starts_with('4'), "{name}: {seen:?}");
        assert!(seen.get(1).is_none_or(|status| *status == "200"), "{name}: {seen:?}");
    }
}

#[tokio::test]
async fn deep_wide_and_odd_json_is_refused_without_harm() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let deep = |depth: usize| format!("{{\"name\": {}{}}}", "[".repeat(depth), "]".repeat(depth));
    let wide = format!("{{\"name\": [{}1]}}", "1,".repeat(30_000));
    let many: Vec<_> = (0..3_000).map(|number| format!("\"f{number}\": 1")).collect();
    for (name, body) in [
        ("64 deep", deep(64)),
        ("30,000 deep", deep(30_000)),
        ("never closed", "[".repeat(60_000)),
        ("30,000 values", wide),
        ("3,000 fields", format!("{{{}}}", many.join(","))),
        ("a number beyond all", "{\"name\": 1e999999}".to_owned()),
        ("half a surrogate", "{\"name\": \"\\ud800\"}".to_owned()),
        ("a zero byte", "{\"name\": \"\\u0000\"}".to_owned()),
        ("a mark before", "\u{feff}{\"name\": \"A\"}".to_owned()),
    ] {
        let request = server.post("/v1/team").token(&ann.token).header("content-type", "application/json");
        let answer = request.raw(body).send().await;
        assert!(matches!(answer.status.as_u16(), 400 | 422), "{name}: {}", answer.status);
    }
    assert_eq!(server.listed(&ann, "/v1/teams").await, Vec::<Value>::new());
}

#[tokio::test]
async fn naughty_strings_come_back_as_they_were_or_are_refused() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let cases: Vec<Value> =
        serde_json::from_str(include_str!("../data/naughty-strings/cases.json")).expect("cases");
    let mut kept = 0;
    for text in cases.iter().map(|case| case["value"].as_str().expect("a text")) {
        for (path, field, shown) in [
            ("/v1/customer".to_owned(), "surname", "/customer/surname"),
            ("/v1/organization".to_owned(), "name", "/organization/name"),
            (format!("/v1/team/{team}"), "name", "/team/name"),
        ] {
            let method = if path.contains("/team/") { http::Method::PUT } else { http::Method::PATCH };
            let answer =
                server.request(method, &path).token(&ann.token).json(&json!({field: text})).send().await;
            match answer.status.as_u16() {
                200 => {
                    assert_eq!(answer.text(shown), text.trim(), "{path}");
                    kept += 1;
                }
                status => assert_eq!(status, 422, "{path}: {text:?}: {}", answer.body),
            }
        }
        let feedback = server.post("/v1/customer/feedback").token(&ann.token).json(&json!({"message": text}));
        let status = feedback.send().await.status.as_u16();
        assert!(matches!(status, 201 | 422), "{text:?}: {status}");
    }
    println!("naughty strings: {} x 4 fields, {kept} kept as they were", cases.len());
    assert!(kept > cases.len());
}

#[tokio::test]
async fn three_hundred_clients_that_do_not_finish_hold_nobody_else_up() {
    let server = Server::start().await;
    let mut slow = Vec::new();
    for number in 0..300 {
        let mut stream = TcpStream::connect(server.address).await.expect("a connection");
        let begun =
            ["", "GET /v1/teams HT", "POST /v1/auth HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{"];
        stream.write_all(begun[number % 3].as_bytes()).await.expect("sent");
        slow.push(stream);
    }
    for _ in 0..20 {
        server.get("/healthz").expect(200).await;
    }
    let ann = server.person("Ann").await;
    server.get("/v1/customer").token(&ann.token).expect(200).await;
    assert_eq!(slow.len(), 300);
}
