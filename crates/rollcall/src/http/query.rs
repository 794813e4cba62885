//! A query: who asks and with which parameters; runs on one snapshot and answers with an `ETag`, or 304.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::caller::Caller;
use super::params::Params;
use super::position;
use super::ready::{Keepable, Proof};
use super::reply::json_bytes;
use crate::app::App;
use crate::db::{Position, Reader};
use crate::problem::Problem;

/// A query by a customer.
pub struct Query {
    /// What it may use.
    pub app: App,
    /// Who asks.
    pub caller: Caller,
    now: Timestamp,
    token: Option<Proof>,
    /// What it must see at least, on whichever server; none where only the primary will do.
    at_least: Option<Position>,
    timeless: AtomicBool,
    uri: Uri,
    headers: HeaderMap,
}

impl FromRequest<App> for Query {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (parts, _) = request.into_parts();
        Ok(Self {
            app: app.clone(),
            caller: Caller::required(&parts.extensions)?,
            now: app.now(),
            token: parts.extensions.get().copied(),
            at_least: position::at_least(&parts.extensions, &parts.headers),
            timeless: AtomicBool::new(true),
            uri: parts.uri,
            headers: parts.headers,
        })
    }
}

impl Query {
    /// The time of the request. An answer that was made with it is not kept: it may be another one a moment later.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.timeless.store(false, Ordering::Relaxed);
        self.now
    }

    /// The parameters of the query string; look at them once the caller may see the thing.
    #[must_use]
    pub fn params(&self) -> Params {
        Params::new(
            &self.app.keys,
            self.caller.customer_id,
            self.uri.path(),
            self.uri.query().unwrap_or_default(),
        )
    }

    /// Runs on one snapshot of the data and answers with what it finds.
    ///
    /// # Errors
    /// What `find` refuses, or that the storage cannot answer.
    pub async fn run<T: Serialize + Send + 'static>(
        self,
        find: impl Fn(&Reader<'_>, &Self) -> Result<T, Problem> + Send + Sync + 'static,
    ) -> Result<Response, Problem> {
        let query = Arc::new(self);
        let asked = Arc::clone(&query);
        let found = query
            .app
            .db
            .read_after(query.at_least, move |reader| Ok::<_, Problem>(json_bytes(&find(reader, &asked)?)));
        let body = found.await?;
        let mut response = tagged(body.clone(), &query.headers);
        if let Some(token) = query.token.filter(|_| query.timeless.load(Ordering::Relaxed)) {
            response.extensions_mut().insert(Keepable { token, body });
        }
        Ok(response)
    }
}

/// The media type of what operations answer.
pub(super) const JSON: &str = "application/json";

/// 200 with a strong `ETag` (RFC 9110 §8.8.3), or 304 where `If-None-Match` names it.
pub fn tagged(body: Bytes, headers: &HeaderMap) -> Response {
    tagged_as(JSON, body, headers)
}

/// The same for a body of any media type.
pub fn tagged_as(media: &'static str, body: Bytes, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(&body)[..16]));
    let tag_value = HeaderValue::try_from(tag.as_str()).expect("base64url is a header value");
    // Answers hold what only this caller may see; a shared cache must not keep them.
    let private = HeaderValue::from_static("private, no-cache");
    if matches(headers, tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, tag_value), (CACHE_CONTROL, private)]).into_response();
    }
    let media = HeaderValue::from_static(media);
    ([(CONTENT_TYPE, media), (ETAG, tag_value), (CACHE_CONTROL, private)], body).into_response()
}

/// RFC 9110 §13.1.2: `*`, or a list that is compared weakly.
pub(super) fn matches(headers: &HeaderMap, tag: &[u8]) -> bool {
    headers.get_all(IF_NONE_MATCH).iter().any(|value| {
        let given = value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        given
            .map(|given| given.strip_prefix(b"W/").unwrap_or(given))
            .any(|given| given == b"*" || given == tag)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_none_match_takes_lists_weak_tags_and_the_star() {
        let response = tagged(Bytes::from_static(b"{}"), &HeaderMap::new());
        let tag = response.headers()[ETAG].to_str().expect("ASCII").to_owned();
        for (given, status) in [
            (tag.clone(), 304),
            (format!("W/{tag}"), 304),
            (format!("\"other\", {tag}"), 304),
            ("*".to_owned(), 304),
            ("\"other\"".to_owned(), 200),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, HeaderValue::try_from(given.as_str()).expect("a header value"));
            assert_eq!(tagged(Bytes::from_static(b"{}"), &headers).status().as_u16(), status, "{given}");
        }
    }
}
