//! What the parsers of the edge promise whatever a request holds.

use std::net::IpAddr;
use std::sync::LazyLock;

use axum::body::Body as Content;
use http::header::{ACCEPT, CONTENT_TYPE, HOST, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::address::Directory;
use super::body::{Body, parse};
use super::client_address::{X_FORWARDED_FOR, client};
use super::idempotency::Key;
use super::json_object::JsonObject;
use super::params::{Params, open, seal};
use super::position::ROLLCALL_POSITION;
use super::request_id::RequestId;
use super::service::Part;
use super::{accept, openapi, query as tags};
use crate::db::Position;
use crate::domain::channel_type::ChannelType;
use crate::domain::id::CustomerId;
use crate::domain::priority::Priority;
use crate::fuzzing::text;
use crate::keys::{Keyring, SecretKey};

/// A body of every kind of field, and what each operation would make of it.
pub(crate) fn json_body(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    read::<crate::accounts::sign_up::SignUp>(&headers, bytes);
    read::<crate::channels::create::CreateChannel>(&headers, bytes);
    read::<crate::channels::reorder::ReorderChannel>(&headers, bytes);
    read::<crate::feedback::give::GiveFeedback>(&headers, bytes);
    read::<crate::invitations::invite::InviteMember>(&headers, bytes);
    read::<crate::members::change::ChangeMember>(&headers, bytes);
    read::<crate::notifications::send::SendNotification>(&headers, bytes);
    read::<()>(&headers, bytes);
    if let Ok(JsonObject { values, repeated }) = JsonObject::parse(text(bytes)) {
        let known: Map<String, Value> = serde_json::from_str(text(bytes)).expect("it was JSON a moment ago");
        assert_eq!(values.len(), known.len());
        assert!(repeated.iter().all(|name| values.contains_key(name)));
    }
}

fn read<T: Body>(headers: &HeaderMap, bytes: &[u8]) {
    if let Err(problem) = parse::<T>(None, headers, bytes) {
        assert!(matches!(problem.code.status().as_u16(), 400 | 415 | 422), "{problem:?}");
    }
}

fn keys() -> Keyring {
    Keyring::new(SecretKey::new(&[7; 32]), Vec::new())
}

/// Limits, cursors and lists of words.
pub(crate) fn query(bytes: &[u8]) {
    let mut params = Params::new(&keys(), CustomerId::from(Uuid::nil()), "/v1/teams", text(bytes));
    let kinds = params.parsed("include_types", ChannelType::parse);
    let priorities = params.parsed("priority", Priority::parse);
    assert!(kinds.len() <= bytes.len() && priorities.len() <= bytes.len());
    let _ = params.single("actor", |word| {
        word.parse::<CustomerId>().map_err(|_| crate::domain::invalid::Invalid::new("id_invalid", "No id."))
    });
    if let Ok(page) = params.page() {
        assert!((1..=200).contains(&page.limit));
    }
}

/// A cursor that was not made for the list does not open, and one that was gives its place back. 24 bytes are the place; what
/// follows is a text, which opens only where sealing its place makes just this text.
pub(crate) fn cursor(bytes: &[u8]) {
    let keys = keys();
    let Some((place, rest)) = bytes.split_at_checked(24) else { return };
    let (number, id) = place.split_at(8);
    let number = i64::from_be_bytes(number.try_into().expect("8 bytes"));
    let place = (number, Uuid::from_slice(id).expect("16 bytes"));
    let sealed = seal(&keys, "one list", place);
    assert_eq!(open(&keys, "one list", &sealed), Some(place));
    assert_eq!(open(&keys, "another", &sealed), None);
    if let Some(place) = open(&keys, "one list", text(rest)) {
        assert_eq!(seal(&keys, "one list", place), text(rest));
    }
}

/// One value, as each header that we read ourselves.
pub(crate) fn headers(bytes: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(bytes) else { return };
    let one = |name| HeaderMap::from_iter([(name, value.clone())]);
    let _ = accept::takes_json(&one(ACCEPT));
    let _ = tags::matches(&one(IF_NONE_MATCH), b"\"tag\"");
    if let Some(id) = RequestId::sane(&value) {
        assert!(id.as_str().len() <= 128 && id.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
    }
    let uri = Uri::from_static("/v1/team?x=1");
    if Key::of(std::slice::from_ref(&value), &Method::POST, &uri, b"{}").is_some_and(|key| key.is_ok()) {
        assert!((1..=255).contains(&bytes.len()));
    }
    let _ = parse::<()>(None, &one(CONTENT_TYPE), b"{}");
    if let Some(position) = one(ROLLCALL_POSITION)[&ROLLCALL_POSITION]
        .to_str()
        .ok()
        .and_then(|text| text.parse::<Position>().ok())
    {
        assert_eq!(position.to_string().parse(), Ok(position));
    }
    let peer = IpAddr::from([192, 0, 2, 1]);
    let forwarded = one(X_FORWARDED_FOR);
    let _ = client(|address| address == peer, peer, &forwarded);
    // Whom nobody trusts is not believed.
    assert_eq!(client(|_| false, peer, &forwarded), peer);
}

/// A path in the first line, a host in the second.
pub(crate) fn addressing(bytes: &[u8]) {
    // The same for all: making it takes a hundred times as long as asking it.
    static DIRECTORY: LazyLock<Directory> =
        LazyLock::new(|| Directory::new(openapi::paths(&crate::routes::document()), Part::ALL.to_vec()));
    let (path, host) = text(bytes).split_once('\n').unwrap_or((text(bytes), "localhost"));
    let Ok(uri) = path.parse::<Uri>() else { return };
    let Ok(host) = HeaderValue::from_str(host) else { return };
    let Ok(request) = Request::get(uri).header(HOST, host).body(Content::empty()) else { return };
    if let Ok(request) = DIRECTORY.address(request) {
        let path = request.uri().path();
        // Without a path stands what `CONNECT` and `OPTIONS *` ask for.
        assert!(path.starts_with('/') || ["", "*"].contains(&path), "{path}");
    }
}
