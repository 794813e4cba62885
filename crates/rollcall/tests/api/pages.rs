//! The documents of the binary: whole without a script, from this host alone, with every operation and every problem.

use crate::support::Server;

const PAGES: [&str; 2] = ["/docs", "/docs/problems"];

#[tokio::test]
async fn pages_run_no_script_and_ask_no_other_host() {
    let server = Server::start().await;
    for path in PAGES {
        let page = server.get(path).expect(200).await;
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{path}");
        let policy = page.header("content-security-policy");
        for rule in ["default-src 'none'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}");
        let html = String::from_utf8(page.bytes).expect("UTF-8");
        for forbidden in
            ["<script", " style=", "<style", "javascript:", "src=\"http", "href=\"http", "@import"]
        {
            assert!(!html.contains(forbidden), "{path} has {forbidden}");
        }
        assert!(html.contains("href=\"#main\"") && html.contains("id=\"main\""), "{path} has no skip link");
    }
}

#[tokio::test]
async fn the_mailbox_is_kept_by_no_cache_and_the_reference_is_asked_for_anew() {
    let server = Server::start().await;
    assert_eq!(server.get("/mailbox").expect(200).await.header("cache-control"), "no-store");
    for path in ["/docs", "/docs/problems", "/assets/rollcall.css", "/openapi.json"] {
        let answer = server.get(path).expect(200).await;
        let tag = answer.header("etag").to_owned();
        assert!(tag.starts_with('"'), "{path}");
        server.get(path).header("if-none-match", &tag).expect(304).await;
    }
}

#[tokio::test]
async fn answers_that_may_hold_tokens_are_kept_by_no_cache() {
    let server = Server::start().await;
    let answer = server.post("/v1/auth").json(&serde_json::json!({})).expect(422).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn the_reference_shows_every_operation_with_a_call() {
    let server = Server::start().await;
    let html = String::from_utf8(server.get("/docs").expect(200).await.bytes).expect("UTF-8");
    let document = server.get("/openapi.json").expect(200).await.body;
    let paths = document["paths"].as_object().expect("paths");
    for (path, item) in paths {
        for (method, operation) in item.as_object().expect("operations") {
            let id = operation["operationId"].as_str().expect("an id");
            let from = html.find(&format!("<article class=\"operation\" id=\"{id}\"")).expect(id);
            let article = &html[from..from + html[from..].find("</article>").expect("an end")];
            assert!(article.contains(path.as_str()), "{method} {path}");
            assert!(article.contains(&method.to_uppercase()), "{method} {path}");
            assert!(article.contains("curl "), "{method} {path}");
            assert!(
                html.contains(&format!("<li><a href=\"#{id}\">")),
                "{method} {path} is not in the contents"
            );
        }
    }
}

#[tokio::test]
async fn the_type_of_every_problem_leads_to_its_entry() {
    let server = Server::start().await;
    let html = String::from_utf8(server.get("/docs/problems").expect(200).await.bytes).expect("UTF-8");
    for code in rollcall::problem::Code::ALL {
        let (page, anchor) = code
            .uri()
            .split_once('#')
            .map(|(page, anchor)| (page.to_owned(), anchor.to_owned()))
            .expect("an anchor");
        assert_eq!(page, "/docs/problems");
        assert!(html.contains(&format!("<div id=\"{anchor}\">")), "{anchor}");
    }
}

#[tokio::test]
async fn the_mailbox_shows_each_code_where_it_is_easy_to_see() {
    let server = Server::with(&[("smtp_url", ""), ("mail_from", "")]).await;
    let account = serde_json::json!({
        "name": "<b>Ann</b>", "surname": "Lee", "email": "ann@example.com", "password": "violet-harbour-71",
    });
    server.post("/v1/account").json(&account).expect(201).await;
    let code = loop {
        let kept = server.get("/mailbox/messages?to=ann@example.com").expect(200).await;
        if let Some(text) = kept.body["data"][0]["text"].as_str() {
            let code = text.lines().map(str::trim).find(|line| line.len() == 6).expect("a code");
            break code.to_owned();
        }
        tokio::task::yield_now().await;
    };
    for path in ["/mailbox", "/mailbox?to=ann@example.com"] {
        let html = String::from_utf8(server.get(path).expect(200).await.bytes).expect("UTF-8");
        assert!(html.contains(&format!("<strong>{code}</strong>")), "{path}");
        assert!(html.contains("<time datetime=\"2026-11-24T09:00:"), "{path}");
        assert!(!html.contains("<b>Ann"), "{path} must escape what people type");
    }
    let html =
        String::from_utf8(server.get("/mailbox?to=ben@example.com").expect(200).await.bytes).expect("UTF-8");
    assert!(!html.contains(&code) && html.contains("Nothing for ben@example.com"));
}
