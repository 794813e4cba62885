//! Clients that are slow, greedy or out to confuse: each gets one answer for each request, and nobody else is held up.

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::Server;
use crate::support::notifications::alert;

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
async fn urls_of_the_standard_are_taken_or_refused_and_none_is_a_fault_of_ours() {
    let server = Server::with(&[("rate_limits", "off")]).await;
    let ann = server.person("Ann").await;
    let path = format!("/v1/customer/{}/notification", ann.customer_id);
    let cases: Vec<Value> =
        serde_json::from_str(include_str!("../../../notify/tests/data/url-wpt/cases.json")).expect("cases");
    let mut taken = 0;
    for case in &cases {
        let mut body = alert();
        body["url"] = case["input"].clone();
        let answer = server.post(&path).token(&ann.token).json(&body).send().await;
        match answer.status.as_u16() {
            // Nobody is reached, which is said once the URL was taken.
            409 => {
                let url = case["href"].as_str().unwrap_or_else(|| panic!("{case} is no URL"));
                assert!(url.starts_with("http"), "{case}");
                taken += 1;
            }
            422 => assert_eq!(answer.faulty_fields(), ["url"], "{case}"),
            status => panic!("{case}: {status}: {}", answer.body),
        }
    }
    println!("URLs of the standard: {} cases, {taken} taken", cases.len());
    assert!(taken > 10 && taken < cases.len());
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
