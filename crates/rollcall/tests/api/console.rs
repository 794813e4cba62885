//! The console from outside: its cookies, its headers, its forms, and that each kind of token opens its own door alone.

use http::header::{COOKIE, SET_COOKIE};
use reqwest::redirect::Policy;

use crate::support::{PASSWORD, Server};

/// A browser without scripts that keeps cookies, follows nothing, and can be told to behave badly.
pub(crate) struct Browser<'a> {
    server: &'a Server,
    http: reqwest::Client,
    cookies: Vec<(String, String)>,
    /// The address that a trusted proxy says it comes from.
    from: Option<String>,
}

/// A page, or where another one is.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) html: String,
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().expect("ASCII")).unwrap_or_default()
    }

    pub(crate) fn token(&self) -> String {
        let (_, rest) = self.html.split_once("name=\"form_token\" value=\"").expect("a form");
        rest.split('"').next().expect("a value").to_owned()
    }

    fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().expect("ASCII")).collect()
    }
}

impl<'a> Browser<'a> {
    pub(crate) fn new(server: &'a Server) -> Self {
        let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().expect("a client");
        Self { server, http, cookies: Vec::new(), from: None }
    }

    /// One at an address, as a server behind a proxy sees it.
    pub(crate) fn coming_from(server: &'a Server, address: &str) -> Self {
        Self { from: Some(address.to_owned()), ..Self::new(server) }
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn request(&self, method: http::Method, path: &str) -> reqwest::RequestBuilder {
        let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.http.request(method, format!("{}{path}", self.server.url));
        let request = request.header("accept", "text/html").header("user-agent", "Firefox/145.0 Linux");
        let request = match &self.from {
            Some(address) => request.header("x-forwarded-for", address),
            None => request,
        };
        if pairs.is_empty() { request } else { request.header(COOKIE, pairs.join("; ")) }
    }

    async fn take(&mut self, request: reqwest::RequestBuilder) -> Page {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let page = Page { status, headers, html: response.text().await.expect("a text") };
        for cookie in page.set_cookies() {
            let (name, rest) = cookie.split_once('=').expect("a name");
            let value = rest.split(';').next().expect("a value");
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        page
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        let request = self.request(http::Method::GET, path);
        self.take(request).await
    }

    /// Sends a form as the page at `from` shows it.
    pub(crate) async fn post(&mut self, from: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.get(from).await.token();
        let mut fields = fields.to_vec();
        fields.push(("form_token", &token));
        let request = self.request(http::Method::POST, path).form(&fields);
        self.take(request.header("origin", &self.server.url).header("sec-fetch-site", "same-origin")).await
    }

    pub(crate) async fn sign_in(&mut self, email: &str) {
        let page = self
            .post("/sign-in", "/sign-in", &[("email", email), ("password", PASSWORD), ("next", "/")])
            .await;
        assert_eq!((page.status, page.header("location")), (303, "/"), "{}", page.html);
    }
}

#[tokio::test]
async fn somebody_signs_up_confirms_and_signs_in_without_a_script() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let fields = [("name", "Ann"), ("surname", "Lee"), ("email", "ann@example.com"), ("password", PASSWORD)];
    let page = browser.post("/sign-up", "/sign-up", &fields).await;
    assert_eq!(page.status, 303);
    let next = page.header("location").to_owned();
    let code = server.code_for("ann@example.com", 1).await;
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let page = browser.post(&next, "/sign-up/code", &[("email", "ann@example.com"), ("code", &spaced)]).await;
    assert!(page.header("location").starts_with("/sign-in?"), "{}", page.html);
    browser.sign_in("ann@example.com").await;
    let page = browser.get("/").await;
    assert!(page.html.contains("Ann"), "{}", page.html);
}

#[tokio::test]
async fn a_refused_form_keeps_what_was_typed_and_says_which_field_is_wrong_but_never_shows_a_password() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let fields = [("name", "<b>\"Ann"), ("surname", ""), ("email", "no address"), ("password", "secret-8")];
    let page = browser.post("/sign-up", "/sign-up", &fields).await;
    assert_eq!(page.status, 422);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.html.contains("value=\"&#60;b&#62;&#34;Ann\""), "{}", page.html);
    assert!(page.html.contains("value=\"no address\""));
    assert!(!page.html.contains("secret-8"));
    assert_eq!(page.html.matches("aria-invalid=\"true\"").count(), 3);
}

#[tokio::test]
async fn cookies_are_bound_to_this_host_and_hidden_from_scripts() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let mut browser = Browser::new(&server);
    let fields = [("email", ann.email.as_str()), ("password", PASSWORD), ("next", "https://evil.example/")];
    let first = browser.get("/sign-in").await;
    let page = browser.post("/sign-in", "/sign-in", &fields).await;
    assert_eq!((page.status, page.header("location")), (303, "/"), "no way leads to another site");
    let cookies: Vec<_> = first.set_cookies().into_iter().chain(page.set_cookies()).collect();
    assert_eq!(cookies.len(), 2, "{cookies:?}");
    for cookie in cookies {
        assert!(cookie.starts_with("__Host-"), "{cookie}");
        for part in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    let token = browser.cookie("__Host-rollcall").expect("a session").to_owned();
    assert!(
        !String::from_utf8_lossy(&server.stored().await).contains(&token),
        "the token is kept as its digest"
    );
}

#[tokio::test]
async fn a_browsers_token_opens_no_operation_and_an_access_token_opens_no_page() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let mut browser = Browser::new(&server);
    browser.sign_in(&ann.email).await;
    let token = browser.cookie("__Host-rollcall").expect("a session").to_owned();
    server.get("/v1/customer").token(&token).refused(401, "token_invalid").await;
    server
        .get("/v1/customer")
        .header("cookie", &format!("__Host-rollcall={token}"))
        .refused(401, "token_missing")
        .await;
    for stolen in [&ann.token, &ann.refresh_token] {
        browser.cookies = vec![("__Host-rollcall".to_owned(), stolen.clone())];
        let page = browser.get("/account").await;
        assert_eq!((page.status, page.header("location")), (303, "/sign-in?next=%2Faccount"));
    }
}

#[tokio::test]
async fn a_browsers_session_is_listed_and_ends_like_every_other() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let mut browser = Browser::new(&server);
    browser.sign_in(&ann.email).await;
    let sessions = server.listed(&ann, "/v1/customer/sessions").await;
    let kinds: Vec<_> = sessions.iter().map(|session| (&session["kind"], &session["current"])).collect();
    assert_eq!(kinds.len(), 2, "{sessions:?}");
    assert!(kinds[0].0 == "api" && kinds[0].1 == true && kinds[1].0 == "console" && kinds[1].1 == false);
    assert_eq!(sessions[1]["user_agent"], "Firefox/145.0 Linux");
    let page = browser.get("/account/sessions").await;
    assert!(page.html.contains("Firefox on Linux"), "{}", page.html);
    let path = format!("/v1/customer/session/{}", sessions[1]["session_id"].as_str().expect("an id"));
    let ben = server.person("Ben").await;
    server.delete(&path).token(&ben.token).refused(404, "not_found").await;
    server.delete(&path).token(&ann.token).expect(200).await;
    assert_eq!(browser.get("/account").await.status, 303);
    server.delete(&path).token(&ann.token).refused(404, "not_found").await;
}

#[tokio::test]
async fn all_other_sessions_end_at_once_and_the_one_that_asks_goes_on() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let mut browser = Browser::new(&server);
    browser.sign_in(&ann.email).await;
    let page = browser.post("/account/sessions", "/account/sessions/end-others", &[]).await;
    assert_eq!(page.status, 303, "{}", page.html);
    server.get("/v1/customer").token(&ann.token).refused(401, "token_invalid").await;
    assert_eq!(browser.get("/account").await.status, 200);
    let ann = server.sign_in(&ann.email, PASSWORD).await;
    server.delete("/v1/customer/sessions").token(&ann.token).expect(200).await;
    assert_eq!(browser.get("/account").await.status, 303);
    assert_eq!(server.listed(&ann, "/v1/customer/sessions").await.len(), 1);
}

#[tokio::test]
async fn a_new_password_by_the_api_ends_the_session_of_a_browser() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let mut browser = Browser::new(&server);
    browser.sign_in(&ann.email).await;
    let body = serde_json::json!({"current_password": PASSWORD, "password": "another-harbour-72"});
    server.put("/v1/account/password").token(&ann.token).json(&body).expect(200).await;
    assert_eq!(browser.get("/account").await.status, 303);
}

#[tokio::test]
async fn a_browsers_session_lives_thirty_days_from_its_last_use() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let mut browser = Browser::new(&server);
    browser.sign_in(&ann.email).await;
    let day = std::time::Duration::from_secs(24 * 60 * 60);
    for _ in 0..3 {
        server.advance(day * 29);
        let page = browser.get("/account").await;
        assert_eq!(page.status, 200);
        assert!(page.set_cookies().iter().any(|cookie| cookie.contains("Max-Age=2592000")));
    }
    server.advance(day * 31);
    assert_eq!(browser.get("/account").await.status, 303);
}

#[tokio::test]
async fn signing_out_takes_the_session_and_its_cookie_away() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let mut browser = Browser::new(&server);
    browser.sign_in(&ann.email).await;
    let kept = browser.cookies.clone();
    assert_eq!(browser.post("/account", "/sign-out", &[]).await.status, 303);
    assert_eq!(browser.cookie("__Host-rollcall"), None);
    browser.cookies = kept;
    assert_eq!(browser.get("/account").await.status, 303, "a copy of the cookie is good for nothing");
}

#[tokio::test]
async fn a_form_of_another_site_has_no_effect() {
    let server = Server::start().await;
    let (ann, ben) = (server.person("Ann").await, server.person("Ben").await);
    let mut browser = Browser::new(&server);
    browser.sign_in(&ann.email).await;
    let mut other = Browser::new(&server);
    other.sign_in(&ben.email).await;
    let (own, foreign) = (browser.get("/account").await.token(), other.get("/account").await.token());
    let visitor = Browser::new(&server).get("/sign-in").await.token();
    let form = |token: &str| format!("name=Eve&surname=Evil&form_token={token}");
    let media = "application/x-www-form-urlencoded";
    let here = server.url.as_str();
    for (body, media, origin, site) in [
        ("name=Eve&surname=Evil".to_owned(), media, Some(here), Some("same-origin")),
        (form(""), media, Some(here), Some("same-origin")),
        (form(&foreign), media, Some(here), Some("same-origin")),
        (form(&visitor), media, Some(here), Some("same-origin")),
        (form(&own), media, Some("https://evil.example"), None),
        (form(&own), media, Some("null"), None),
        (form(&own), media, Some(here), Some("cross-site")),
        (form(&own), media, None, Some("same-site")),
        (form(&own), "text/plain", Some(here), Some("same-origin")),
        (form(&own), "multipart/form-data; boundary=x", Some(here), Some("same-origin")),
    ] {
        let mut request = browser.request(http::Method::POST, "/account/name").header("content-type", media);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        let page = browser.take(request.body(body.clone())).await;
        assert_eq!(page.status, 403, "{body} {media} {origin:?} {site:?}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    }
    let profile = server.get("/v1/customer").token(&ann.token).expect(200).await;
    assert_eq!(profile.text("/name"), "Ann");
    let request = browser.request(http::Method::POST, "/account/name").header("content-type", media);
    assert_eq!(browser.take(request.body(form(&own))).await.status, 303, "the same form is taken from here");
}

#[tokio::test]
async fn a_form_sent_before_anybody_is_signed_in_is_bound_to_its_browser_too() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let mut browser = Browser::new(&server);
    let token = browser.get("/sign-in").await.token();
    let mut thief = Browser::new(&server);
    let fields = [("email", ann.email.as_str()), ("password", PASSWORD), ("form_token", &token)];
    for with_cookie in [false, true] {
        if with_cookie {
            thief.get("/sign-in").await;
        }
        let request = thief.request(http::Method::POST, "/sign-in").form(&fields);
        assert_eq!(thief.take(request).await.status, 403);
    }
}

#[tokio::test]
async fn pages_say_to_browsers_that_they_are_kept_by_nobody_and_framed_by_nobody() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let mut browser = Browser::new(&server);
    for path in ["/", "/sign-in", "/sign-up", "/forgotten-password", "/nowhere"] {
        sound(path, &browser.get(path).await);
    }
    browser.sign_in(&ann.email).await;
    for path in ["/", "/account", "/account/sessions", "/account/organization", "/account/leave", "/feedback"]
    {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        sound(path, &page);
    }
}

fn sound(path: &str, page: &Page) {
    let policy = page.header("content-security-policy");
    for rule in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(rule), "{path}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "{path}: {policy}");
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("content-type", "text/html; charset=utf-8"),
    ] {
        assert_eq!(page.header(name), value, "{path}: {name}");
    }
    for inline in
        ["<script>", "<style", " style=", " onclick=", " onload=", "javascript:", "src=\"http", "href=\"http"]
    {
        assert!(!page.html.contains(inline), "{path} has {inline}");
    }
}

#[tokio::test]
async fn assets_are_kept_for_good_under_the_name_of_their_content_and_come_compressed() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let html = browser.get("/").await.html;
    let names: Vec<_> = html.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert!(names.len() >= 3, "{names:?}");
    for name in names {
        let name = name.split('#').next().expect("a path");
        for coding in ["br", "gzip", ""] {
            let request = browser.http.get(format!("{}{name}", server.url)).header("accept-encoding", coding);
            let page = request.send().await.expect("an answer");
            let header = |name: &str| {
                page.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
            };
            assert_eq!(header("content-encoding"), coding, "{name}");
            assert_eq!(header("cache-control"), "public, max-age=31536000, immutable");
            assert_eq!(header("vary"), "Accept-Encoding");
            let again =
                browser.http.get(format!("{}{name}", server.url)).header("if-none-match", header("etag"));
            assert_eq!(again.send().await.expect("an answer").status().as_u16(), 304, "{name}");
        }
    }
}

#[tokio::test]
async fn the_language_is_the_readers_or_the_chosen_one() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let request = browser.request(http::Method::GET, "/sign-in").header("accept-language", "de-CH,de;q=0.9");
    let page = browser.take(request).await;
    assert!(page.html.contains("<html lang=\"de\">") && page.html.contains("Anmelden"));
    let page = browser.post("/sign-in", "/language", &[("language", "en"), ("next", "/sign-in")]).await;
    assert_eq!((page.status, page.header("location")), (303, "/sign-in"));
    let request = browser.request(http::Method::GET, "/sign-in").header("accept-language", "de");
    assert!(browser.take(request).await.html.contains("<html lang=\"en\">"));
}

#[tokio::test]
async fn a_server_without_the_console_has_no_pages() {
    let server = Server::with(&[("services", "auth,customer-cmd,customer-query,worker")]).await;
    for path in ["/", "/sign-in", "/account", "/mailbox"] {
        server.get(path).expect(404).await;
    }
    server.get("/docs").expect(200).await;
}
