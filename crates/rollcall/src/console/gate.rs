//! What every request for a page passes: its session is found, a form is refused unless it is one of ours, and what is said
//! of the answer to the browser is said here.

use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, ORIGIN, REFERRER_POLICY, SET_COOKIE, VARY};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use subtle::ConstantTimeEq;

use super::Console;
use super::cookies;
use super::door::Refusal;
use super::forms::Posted;
use super::frame;
use super::visit::{Visit, form_token};
use crate::domain::token::{Token, TokenKind};
use crate::http::body::BODY_LIMIT;
use crate::http::problem_body::Rendered;
use crate::problem::Problem;
use crate::sessions::browser::{self, Browser};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// The name of the hidden field of each form.
const FIELD: &str = "form_token";

/// Lets a request through to its page, or answers it.
pub(super) async fn keep(State(console): State<Console>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let session = match session(&console, &parts.headers).await {
        Ok(session) => session,
        Err(problem) => return problem.into_response(),
    };
    let mut set_cookies = Vec::new();
    let (browser, secret) = match session {
        Some((token, browser)) => {
            if browser.prolonged {
                set_cookies.push(session_cookie(&token));
            }
            (Some(browser), token.as_str().to_owned())
        }
        None => (None, visitor(&console, &parts.headers, &mut set_cookies)),
    };
    let visit = Visit::new(&console, &parts, browser, &secret);
    let flashed = visit.flash.is_some();
    parts.extensions.insert(visit.clone());
    let mut response = if matches!(parts.method, Method::GET | Method::HEAD) {
        next.run(Request::from_parts(parts, body)).await
    } else {
        let expected = form_token(&console.app, &secret);
        match form(&parts, body, &expected).await {
            Ok(posted) => {
                parts.extensions.insert(posted);
                next.run(Request::from_parts(parts, axum::body::Body::empty())).await
            }
            Err(refusal) => refusal.into_response(),
        }
    };
    if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
        response = frame::refused(&visit, &refusal);
    }
    // Said once: only a page that could say it takes it away.
    if flashed && response.status() != StatusCode::SEE_OTHER {
        set_cookies.push(cookies::clear(cookies::FLASH));
    }
    finish(response, set_cookies)
}

fn finish(mut response: Response, set_cookies: Vec<HeaderValue>) -> Response {
    let headers = response.headers_mut();
    for cookie in set_cookies {
        headers.append(SET_COOKIE, cookie);
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    // `no-referrer` would make browsers hide the origin of our own forms.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.append(VARY, HeaderValue::from_static("Cookie, Accept-Language, HX-Request"));
    response.extensions_mut().insert(Rendered);
    response
}

/// `Set-Cookie` for somebody who is signed in.
pub(super) fn session_cookie(token: &Token) -> HeaderValue {
    cookies::set(cookies::SESSION, token.as_str(), Some(browser::LIFETIME.as_secs()))
}

async fn session(console: &Console, headers: &HeaderMap) -> Result<Option<(Token, Browser)>, Problem> {
    let token = cookies::value(headers, cookies::SESSION);
    let Some(token) = token.and_then(|text| Token::parse(TokenKind::Console, text)) else { return Ok(None) };
    let found = browser::find(&console.app, &token).await?;
    Ok(found.map(|browser| (token, browser)))
}

/// The random value of somebody who is not signed in, made at the first look.
fn visitor(console: &Console, headers: &HeaderMap, set_cookies: &mut Vec<HeaderValue>) -> String {
    let plausible = |text: &&str| {
        text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    if let Some(known) = cookies::value(headers, cookies::VISIT).filter(plausible) {
        return known.to_owned();
    }
    let fresh = URL_SAFE_NO_PAD.encode(console.app.random::<32>());
    set_cookies.push(cookies::set(cookies::VISIT, &fresh, None));
    fresh
}

/// Reads a form, unless another site made the browser send it.
async fn form(parts: &Parts, body: axum::body::Body, expected: &str) -> Result<Posted, Refusal> {
    let refused = || Refusal::of(StatusCode::FORBIDDEN, "form_refused");
    if parts.method != Method::POST {
        return Err(Refusal::of(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"));
    }
    if !from_here(&parts.headers) {
        return Err(refused());
    }
    let media = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !media
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    {
        return Err(refused());
    }
    let bytes = to_bytes(body, BODY_LIMIT)
        .await
        .map_err(|_| Refusal::of(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"))?;
    let posted = Posted::read(&bytes);
    if is_token(posted.value(FIELD), expected) { Ok(posted) } else { Err(refused()) }
}

/// Whether a form brings the token that it was given; in a time that does not tell how much of it is right.
fn is_token(given: &str, expected: &str) -> bool {
    given.as_bytes().ct_eq(expected.as_bytes()).into()
}

/// What the browser itself says of who made it send this (Fetch Metadata; `Origin`, RFC 6454). Browsers that say nothing are
/// left to the form's token.
fn from_here(headers: &HeaderMap) -> bool {
    let site = headers.get(SEC_FETCH_SITE);
    if site.is_some_and(|site| !matches!(site.as_bytes(), b"same-origin" | b"none")) {
        return false;
    }
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    matches!((origin, host), (Some((_, origin)), Some(host)) if origin.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timing;

    #[test]
    fn only_a_browser_that_says_it_comes_from_here_is_believed() {
        for (site, origin, taken) in [
            (Some("same-origin"), Some("http://localhost:8080"), true),
            (None, None, true),
            (None, Some("https://localhost:8080"), true),
            (Some("cross-site"), None, false),
            (Some("same-site"), None, false),
            (Some("same-origin"), Some("http://evil.example"), false),
            (None, Some("null"), false),
            (None, Some("http://localhost"), false),
            (None, Some("http://localhost:8080.evil.example"), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static("localhost:8080"));
            if let Some(site) = site {
                headers.insert(SEC_FETCH_SITE, HeaderValue::from_static(site));
            }
            if let Some(origin) = origin {
                headers.insert(ORIGIN, HeaderValue::from_static(origin));
            }
            assert_eq!(from_here(&headers), taken, "{site:?} {origin:?}");
        }
    }

    #[test]
    fn a_wrong_token_of_a_form_takes_as_long_however_much_of_it_is_right() {
        let secret = URL_SAFE_NO_PAD.encode([7; 24]);
        let nearly = format!("{}_", &secret[..31]);
        timing::report(
            "token of a form",
            secret.as_bytes(),
            nearly.as_bytes(),
            |chance| (0..32).map(|_| chance.character()).collect(),
            |guess| is_token(std::str::from_utf8(guess).expect("a text"), &secret),
        );
    }
}
