//! The edge that every request passes: addressing, refusals of the protocol, ids, tags, pages.

use http::Method;
use serde_json::{Value, json};

use crate::support::Server;

#[tokio::test]
async fn an_operation_is_reached_plain_by_prefix_and_by_host() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    for (path, host) in [
        ("/v1/teams", "localhost"),
        ("/customer-query/v1/teams", "localhost"),
        ("/v1/teams", "customer-query.api.example.com"),
        ("/v1/teams", "CUSTOMER-QUERY.api.example.com:8080"),
        ("/customer-query/v1/teams", "customer-query.api.example.com"),
        ("/v1/teams", "anything.example.com"),
    ] {
        server.get(path).header("host", host).token(&ann.token).expect(200).await;
    }
}

#[tokio::test]
async fn a_service_answers_404_to_the_operations_of_another() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    for (method, path, host) in [
        (Method::GET, "/customer-cmd/v1/teams", "localhost"),
        (Method::GET, "/v1/teams", "customer-cmd.api.example.com"),
        (Method::POST, "/v1/team", "customer-query.api.example.com"),
        (Method::GET, "/customer-query/v1/teams", "customer-cmd.api.example.com"),
        (Method::GET, "/nobody/v1/teams", "localhost"),
        (Method::GET, "/customer-query/healthz", "localhost"),
        (Method::GET, "/v1/nothing", "localhost"),
        (Method::GET, "/v1/", "localhost"),
    ] {
        let request = server.request(method.clone(), path).header("host", host).token(&ann.token);
        request.json(&json!({"name": "A"})).refused(404, "not_found").await;
    }
}

#[tokio::test]
async fn a_process_serves_only_the_parts_that_it_is_asked_to() {
    let server = Server::with(&[("services", "auth,worker")]).await;
    let ann = server.person("Ann").await;
    server.get("/v1/teams").token(&ann.token).refused(404, "not_found").await;
    server.delete("/v1/auth").token(&ann.token).expect(200).await;
    server.get("/healthz").expect(200).await;
    server.get("/mailbox").refused(404, "not_found").await;
}

#[tokio::test]
async fn the_path_under_another_method_says_which_it_has() {
    let server = Server::start().await;
    let refused = server.request(Method::PUT, "/v1/teams").refused(405, "method_not_allowed").await;
    assert_eq!(refused.header("allow"), "GET, HEAD");
    for method in [Method::OPTIONS, Method::TRACE] {
        server.request(method, "/v1/team").refused(405, "method_not_allowed").await;
    }
}

#[tokio::test]
async fn refusals_come_in_the_documented_order() {
    let server = Server::start().await;
    let (ann, bea) = (server.person("Ann").await, server.person("Bea").await);
    let team = server.team(&ann, "Platform").await;
    let put =
        |id: &str| server.put(&format!("/v1/team/{id}")).header("content-type", "application/json").raw("{");
    put("x").refused(401, "token_missing").await;
    let malformed = put("x").token(&bea.token).refused(422, "id_invalid").await;
    assert_eq!(malformed.faulty_fields(), ["id"]);
    let no_text = put("%ff").token(&bea.token).refused(422, "id_invalid").await;
    assert_eq!(no_text.faulty_fields(), ["id"]);
    put(&team).token(&bea.token).refused(404, "not_found").await;
    put("01890a5d-ac96-774b-bcce-b302099a8057").token(&ann.token).refused(404, "not_found").await;
    put(&team).token(&ann.token).refused(400, "json_malformed").await;
}

#[tokio::test]
async fn a_body_is_json_whole_declared_and_not_too_large() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let post = |kind: &'static str, body: String| {
        server.post("/v1/team").token(&ann.token).header("content-type", kind).raw(body)
    };
    for body in ["", "{", "[1,", "\"name", "nul", "[] []", "{'name': 1}", "{\"name\":\"\\ud800\"}"] {
        post("application/json", body.to_owned()).refused(400, "json_malformed").await;
    }
    for body in ["[]", "[1, {\"name\": \"A\"}]", "\"name\"", "null", "1.5", "true"] {
        post("application/json", body.to_owned()).faulty(&[""]).await;
    }
    let twice = "{\"name\": \"A\", \"x\": 1, \"name\": \"B\", \"name\": 1}";
    let answer = post("application/json", twice.to_owned()).faulty(&["name", "x"]).await;
    assert_eq!(answer.text("/errors/0/code"), "field_repeated");
    let deep = format!("{{\"name\": {}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    post("application/json", deep).refused(400, "json_malformed").await;
    post("text/plain", "{\"name\": \"A\"}".to_owned()).refused(415, "media_type_unsupported").await;
    post("application/json; charset=latin1", "{\"name\": \"A\"}".to_owned())
        .refused(415, "media_type_unsupported")
        .await;
    let large = json!({"name": "x".repeat(64 * 1024)}).to_string();
    post("application/json", large).refused(413, "body_too_large").await;
    post("application/json; charset=UTF-8", "{\"name\": \"A\"}".to_owned()).expect(201).await;
}

#[tokio::test]
async fn a_client_that_takes_no_json_is_told_so() {
    let server = Server::start().await;
    server.get("/v1/teams").header("accept", "text/html").refused(406, "not_acceptable").await;
}

#[tokio::test]
async fn wrong_types_and_unknown_fields_are_named() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let post = |body: Value| server.post("/v1/team").token(&ann.token).json(&body);
    for name in [json!(1), json!(true), json!(["A"]), json!({"x": 1})] {
        let answer = post(json!({"name": name})).faulty(&["name"]).await;
        assert_eq!(answer.text("/errors/0/code"), "type_invalid");
    }
    assert_eq!(post(json!({"name": null})).faulty(&["name"]).await.text("/errors/0/code"), "required");
    post(json!({"nmae": "A", "x": 1})).faulty(&["name", "nmae", "x"]).await;
    // Where no body is expected, there is no field either.
    let team = server.team(&ann, "A").await;
    let delete = || server.delete(&format!("/v1/team/{team}")).token(&ann.token);
    delete().json(&json!({"force": true})).faulty(&["force"]).await;
    delete().json(&json!({})).expect(200).await;
}

#[tokio::test]
async fn a_sane_request_id_comes_back_and_any_other_is_replaced() {
    let server = Server::start().await;
    let kept =
        server.get("/v1/teams").header("x-request-id", "trace-7.a:b_c").refused(401, "token_missing").await;
    assert_eq!(kept.header("x-request-id"), "trace-7.a:b_c");
    let replaced =
        server.get("/v1/teams").header("x-request-id", "two words").refused(401, "token_missing").await;
    assert_ne!(replaced.header("x-request-id"), "two words");
}

#[tokio::test]
async fn an_unchanged_list_is_304_and_a_changed_one_is_not() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    server.team(&ann, "Platform").await;
    let first = server.get("/v1/teams").token(&ann.token).expect(200).await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with('"'), "a strong tag: {tag}");
    let again = server.get("/v1/teams").token(&ann.token).header("if-none-match", &tag).expect(304).await;
    assert!(again.bytes.is_empty());
    assert_eq!(again.header("etag"), tag);
    server.team(&ann, "Network").await;
    server.get("/v1/teams").token(&ann.token).header("if-none-match", &tag).expect(200).await;
}

#[tokio::test]
async fn pages_follow_their_cursor_and_no_other_lists_cursor_fits() {
    let server = Server::start().await;
    let (ann, bea) = (server.person("Ann").await, server.person("Bea").await);
    let mut made = Vec::new();
    for number in 0..5 {
        made.push(server.team(&ann, &format!("Team {number}")).await);
    }
    let mut path = "/v1/teams?limit=2".to_owned();
    let mut seen = Vec::new();
    let mut cursors = Vec::new();
    loop {
        let page = server.get(&path).token(&ann.token).expect(200).await;
        assert!(page.data().len() <= 2);
        seen.extend(page.data().iter().map(|team| team["team_id"].as_str().expect("an id").to_owned()));
        let Value::String(cursor) = &page.body["next_cursor"] else { break };
        path = format!("/v1/teams?limit=2&cursor={cursor}");
        cursors.push(cursor.clone());
    }
    assert_eq!(seen, made);
    assert_eq!(cursors.len(), 2);
    server.get(&format!("/v1/teams?cursor={}", cursors[0])).token(&bea.token).faulty(&["cursor"]).await;
    server.get("/v1/teams?limit=0&cursor=x").token(&ann.token).faulty(&["limit", "cursor"]).await;
    for limit in ["201", "-1", "ten", ""] {
        server.get(&format!("/v1/teams?limit={limit}")).token(&ann.token).faulty(&["limit"]).await;
    }
}

#[tokio::test]
async fn browsers_may_call_only_from_the_origins_that_are_configured() {
    let server = Server::with(&[("cors_origins", "https://app.example.com")]).await;
    let allowed = server.get("/healthz").header("origin", "https://app.example.com").expect(200).await;
    assert_eq!(allowed.header("access-control-allow-origin"), "https://app.example.com");
    assert_eq!(allowed.header("vary"), "Origin");
    for origin in [
        "null",
        "https://app.example.com.evil.example",
        "https://badapp.example.com",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://APP.example.com",
        "https://app.example.com/",
    ] {
        let answer = server.get("/healthz").header("origin", origin).expect(200).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
    }
    let preflight = server
        .request(Method::OPTIONS, "/v1/team")
        .header("origin", "https://app.example.com")
        .header("access-control-request-method", "POST");
    let preflight = preflight.expect(204).await;
    assert!(preflight.header("access-control-allow-headers").contains("Idempotency-Key"));
    assert_eq!(preflight.header("access-control-allow-credentials"), "");
}

#[tokio::test]
async fn the_document_describes_every_operation_with_its_refusals() {
    let server = Server::start().await;
    let document = server.get("/openapi.json").expect(200).await.body;
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
    let rename = &document["paths"]["/v1/team/{id}"]["put"];
    for status in ["200", "400", "401", "403", "404", "409", "413", "415", "422", "429", "500", "503"] {
        assert!(rename["responses"][status].is_object(), "{status} of {rename:#}");
    }
}

#[tokio::test]
async fn a_head_out_of_bounds_is_refused_like_everything_else() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let teams = |query: &str| server.get(&format!("/v1/teams?x={query}")).token(&ann.token);
    teams(&"x".repeat(8_000)).expect(200).await;
    teams(&"x".repeat(8_192)).refused(414, "uri_too_long").await;
    teams("").header("x-large", &"x".repeat(65_536)).refused(431, "headers_too_large").await;
    let many = (0..100).fold(teams(""), |request, number| request.header(&format!("x-{number}"), "x"));
    many.refused(431, "headers_too_large").await;
    for (hosts, status) in [("", "400"), ("Host: a\r\nHost: a\r\n", "400"), ("Host: a\r\n", "200")] {
        let answer =
            raw(&server, &format!("GET /healthz HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{hosts:?}: {answer}");
        assert!(answer.contains("x-request-id: "), "{answer}");
        assert_eq!(answer.contains("\"code\":\"request_malformed\""), status == "400", "{answer}");
    }
}

#[tokio::test]
async fn without_its_storage_the_server_lives_but_is_not_ready() {
    let server = Server::start().await;
    server.get("/readyz").expect(200).await;
    server.app.db.close().await.expect("closed");
    let answer = server.get("/readyz").refused(503, "unavailable").await;
    assert!(answer.retry_after() > 0);
    server.get("/healthz").expect(200).await;
}

/// What the server answers to these bytes until it closes the connection.
pub(crate) async fn raw(server: &Server, request: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(server.address).await.expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer in UTF-8");
    answer
}
