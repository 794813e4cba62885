//! The front door: an answer that is ready is given at once, everything else goes through the layers to its route.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, ORIGIN};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use tower::ServiceExt;

use super::accept::takes_json;
use super::access_log::{Entry, Route};
use super::address::names_no_service;
use super::crowd::Refusal;
use super::query::{JSON, matches};
use super::ready::{Answer, Asked, Keepable, LookedUp, Noted, Proof, TokenDigest};
use super::request_id::{RequestId, X_REQUEST_ID};
use super::{cors, crowd, head};
use crate::app::App;
use crate::db::Scope;
use crate::domain::token::digest;
use crate::sessions::authenticate::{bearer, look_up_together};

/// The body of an answer: ready, or made by a route.
pub(super) type Answered = http::Response<Either<Full<bytes::Bytes>, Body>>;

/// The routes, and the answers that need none.
#[derive(Clone)]
pub struct Front {
    router: Router,
    app: Option<App>,
    refusal: Arc<Refusal>,
}

impl From<Router> for Front {
    /// Routes alone: nothing is kept.
    fn from(router: Router) -> Self {
        Self { router, app: None, refusal: Arc::new(Refusal::new()) }
    }
}

impl Front {
    /// The routes of an app, before them its ready answers.
    #[must_use]
    pub fn new(app: &App, router: Router) -> Self {
        Self { router, app: Some(app.clone()), refusal: Arc::new(Refusal::new()) }
    }

    /// Answers a request of a connection.
    pub(super) async fn answer(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
    ) -> Result<Answered, Infallible> {
        if let Some(response) = self.at_once(&request) {
            return Ok(response);
        }
        if let Some(response) = self.turned_away(&request) {
            return Ok(response);
        }
        let looked_up = match self.confirmed(&request).await {
            Confirmed::Answer(response) => return Ok(response),
            Confirmed::Caller(looked_up) => Some(looked_up),
            Confirmed::Nothing => None,
        };
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        if let Some(looked_up) = looked_up {
            request.extensions_mut().insert(looked_up);
        }
        Ok(self.made(request).await.map(Either::Right))
    }

    /// The answer, if it is ready.
    fn at_once<B>(&self, request: &Request<B>) -> Option<Answered> {
        let app = self.app.as_ref().filter(|app| may_be_kept(app, request))?;
        let digest = token_digest(request.headers())?;
        let path = request.uri().path_and_query()?.as_str();
        let answer = app.ready.answer(Asked { digest: &digest, path }, app.now())?;
        Some(logged(app, &answer, request))
    }

    /// The same where other processes write too: if the database says that nothing has changed since it was made.
    async fn confirmed<B>(&self, request: &Request<B>) -> Confirmed {
        let kept = || {
            let app = self.app.as_ref().filter(|app| may_be_kept(app, request))?;
            let digest = token_digest(request.headers())?;
            let path = request.uri().path_and_query()?.as_str();
            Some((app, digest, app.ready.answer_to_confirm(Asked { digest: &digest, path })?))
        };
        let Some((app, digest, answer)) = kept() else { return Confirmed::Nothing };
        // A refusal, and a storage that cannot answer, are the layers' to tell.
        let Some(Ok(looked_up)) = look_up_together(app, digest).await else { return Confirmed::Nothing };
        let holds = looked_up.known.mark.map(Noted::Marked) == Some(answer.noted);
        if holds && answer.expires_at > app.now() {
            return Confirmed::Answer(logged(app, &answer, request));
        }
        Confirmed::Caller(looked_up)
    }

    /// The refusal while too many wait.
    fn turned_away<B>(&self, request: &Request<B>) -> Option<Answered> {
        let app = self.app.as_ref().filter(|app| crowd::turns_away(app, request))?;
        let id = RequestId::of(request.headers(), app);
        let entry = Entry::begin(request.method(), id.as_str().to_owned());
        let mut response = self.refusal.answer(id);
        cors::tell(&app.policy, request.headers().get(ORIGIN), response.headers_mut());
        entry.finish("unmatched", response.status().as_u16());
        Some(response.map(Either::Left))
    }

    /// Lets the routes answer, and keeps what they made if it may be kept.
    async fn made(&self, request: Request<Body>) -> Response {
        let Some(app) = self.app.as_ref().filter(|app| may_be_kept(app, &request)) else {
            return self.routed(request).await;
        };
        let noted = app.ready.note();
        let (digest, path) = (token_digest(request.headers()), request.uri().path_and_query().cloned());
        let mut response = self.routed(request).await;
        if let (Some(digest), Some(path)) = (digest, path)
            && let Some(answer) = keepable(&mut response, &digest, noted)
        {
            app.ready.keep(Asked { digest: &digest, path: path.as_str() }, answer);
        }
        response
    }

    async fn routed(&self, request: Request<Body>) -> Response {
        match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// What is known of a request before it goes to its route.
enum Confirmed {
    Answer(Answered),
    Caller(LookedUp),
    Nothing,
}

/// Whether nothing about the request but its token, its path and what [`given`] looks at decides the answer.
fn may_be_kept<B>(app: &App, request: &Request<B>) -> bool {
    let headers = request.headers();
    request.method() == Method::GET
        && names_no_service(request)
        && head::fault(request).is_none()
        // RFC 9111 §5.2.1.4: whoever asks past caches is answered past ours.
        && !headers.contains_key(CACHE_CONTROL)
        && (app.policy.cors_origins.is_empty() || !headers.contains_key(ORIGIN))
        && (!headers.contains_key(ACCEPT) || takes_json(headers))
}

fn token_digest(headers: &HeaderMap) -> Option<TokenDigest> {
    bearer(headers).ok()?.map(digest)
}

/// What there is to keep of a response that its query left to be kept, for the token that was sent. A 304 is as good as a 200: who asks
/// again and again by a tag would otherwise never find it ready after a change.
fn keepable(response: &mut Response, digest: &TokenDigest, counted: Option<u64>) -> Option<Answer> {
    let Keepable { token, body } = response.extensions_mut().remove()?;
    let Route(route) = response.extensions().get::<Route>()?.clone();
    if !matches!(response.status(), StatusCode::OK | StatusCode::NOT_MODIFIED) || token.digest != *digest {
        return None;
    }
    let mut headers = response.headers().clone();
    headers.remove(X_REQUEST_ID);
    // What a 304 does not say of the body, or says of the one that it lacks.
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    let tag = headers.get(ETAG)?.clone();
    let Proof { scope, expires_at, mark, .. } = token;
    let noted = match (counted, mark) {
        (Some(counted), _) => Noted::Counted(counted),
        // A mark tells of one organization; what a guest sees hangs on others too.
        (None, Some(mark)) if scope != Scope::All => Noted::Marked(mark),
        _ => return None,
    };
    Some(Answer { headers, tag, body, route, scope, expires_at, noted })
}

/// The answer, with its line in the log.
fn logged<B>(app: &App, answer: &Answer, request: &Request<B>) -> Answered {
    let id = RequestId::of(request.headers(), app);
    let entry = Entry::begin(request.method(), id.as_str().to_owned());
    let response = given(answer, request.headers(), id);
    entry.finish(answer.route.as_str(), response.status().as_u16());
    response
}

/// The answer with a request's own id, or 304 where the client has it.
fn given(answer: &Answer, headers: &HeaderMap, id: RequestId) -> Answered {
    let known = matches(headers, answer.tag.as_bytes());
    let mut response = http::Response::new(Either::Left(Full::new(if known {
        bytes::Bytes::new()
    } else {
        answer.body.clone()
    })));
    *response.headers_mut() = answer.headers.clone();
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response.headers_mut().remove(CONTENT_TYPE);
    }
    response.headers_mut().insert(X_REQUEST_ID, id.into_value());
    response
}
