//! Who looks at a page and how: language, session, form token, what the last page left to be said.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{ACCEPT_LANGUAGE, USER_AGENT};
use http::request::Parts;
use http::{Extensions, HeaderValue};

use super::Console;
use super::cookies;
use super::door::{Door, Refusal};
use super::flash::Flash;
use super::texts::Texts;
use crate::app::App;
use crate::db::Position;
use crate::http::caller::{Caller, ClientAddress};
use crate::http::request_id::RequestId;
use crate::sessions::browser::Browser;

/// A request for a page, as its handler sees it.
#[derive(Clone)]
pub(super) struct Visit(Arc<Known>);

/// What is known of a request.
pub(super) struct Known {
    pub(super) app: App,
    pub(super) door: Door,
    pub(super) texts: &'static Texts,
    /// Who is signed in.
    pub(super) caller: Option<Caller>,
    /// Path and query, for the way back.
    pub(super) path: String,
    /// What forms of this visitor carry.
    pub(super) form_token: String,
    /// What the page before left to be said.
    pub(super) flash: Option<Flash>,
    pub(super) user_agent: Option<HeaderValue>,
    /// Whether the built-in mailbox is shown to this visitor.
    pub(super) mailbox: bool,
    address: Option<ClientAddress>,
    request_id: Option<RequestId>,
    /// What its queries must see at least, on whichever server; none where only the primary will do.
    at_least: Option<Position>,
}

impl Deref for Visit {
    type Target = Known;

    fn deref(&self) -> &Known {
        &self.0
    }
}

impl Visit {
    /// Reads a request. `secret` is the cookie that its forms are bound to.
    pub(super) fn new(console: &Console, parts: &Parts, browser: Option<Browser>, secret: &str) -> Self {
        let caller = browser.as_ref().map(|browser| browser.caller);
        // A form that is sent changes something, and shows what has become of it.
        let at_least = browser.and_then(|browser| browser.position).filter(|_| parts.method.is_safe());
        let headers = &parts.headers;
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self(Arc::new(Known {
            texts: Texts::find(cookies::value(headers, cookies::LANGUAGE), accepted),
            caller,
            path: parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
            form_token: form_token(&console.app, secret),
            flash: cookies::value(headers, cookies::FLASH).and_then(Flash::read),
            user_agent: headers.get(USER_AGENT).cloned(),
            mailbox: crate::mailbox::shown_to(&console.app, headers),
            address: parts.extensions.get().copied(),
            request_id: parts.extensions.get().cloned(),
            at_least,
            app: console.app.clone(),
            door: console.door.clone(),
        }))
    }

    /// Tells an operation who asks, from where, in which request.
    pub(super) fn introduce(&self, extensions: &mut Extensions) {
        if let Some(caller) = self.caller {
            extensions.insert(caller);
        }
        if let Some(address) = self.address {
            extensions.insert(address);
        }
        if let Some(position) = self.at_least {
            extensions.insert(position);
        }
        if let Some(id) = &self.request_id {
            extensions.insert(id.clone());
        }
    }
}

/// What a form must carry to be taken: bound to a cookie that no other site can read or set.
pub(super) fn form_token(app: &App, secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(&app.keys.digest("console form", &[secret.as_bytes()])[..24])
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Refusal::internal)
    }
}

/// The visit of somebody who is signed in; everybody else is sent to sign in.
pub(super) struct Member(Visit);

impl Member {
    /// Their id, as the operations take it in a path.
    pub(super) fn customer_id(&self) -> String {
        self.0.caller.map(|caller| caller.customer_id.to_string()).unwrap_or_default()
    }

    /// Somebody who is signed in, or none.
    pub(super) fn of(visit: Visit) -> Option<Self> {
        visit.caller.is_some().then_some(Self(visit))
    }
}

impl Deref for Member {
    type Target = Visit;

    fn deref(&self) -> &Visit {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Member {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let visit = Visit::from_request_parts(parts, state).await?;
        Self::of(visit).ok_or_else(Refusal::signed_out)
    }
}
