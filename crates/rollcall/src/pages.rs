//! The documents that people read in a browser: the API reference, the list of problems, the style sheet.
//!
//! Every page is whole without a script and asks no other host for anything.

mod assets;
mod problems;
mod prose;
mod reference;

use std::sync::{Arc, OnceLock};

use askama::Template;
use axum::Router;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get};
use bytes::Bytes;
use http::HeaderMap;
use utoipa::openapi::OpenApi;

use crate::app::App;
use crate::http::query::tagged_as;
use crate::http::reply::json_bytes;
use crate::problem::{Code, Problem};

/// What does not change while the process runs is made once, when somebody first asks: a process that nobody asks for it should
/// not hold it.
pub(crate) fn pages(app: &App, document: fn() -> OpenApi) -> Router<App> {
    let base = app.policy.public_url.clone();
    let html = "text/html; charset=utf-8";
    Router::new()
        .route("/openapi.json", once("application/json", move || Some(json_bytes(&document()))))
        .route("/docs", once(html, move || rendered(&reference::page(&document(), &base))))
        .route("/docs/problems", once(html, || rendered(&problems::page())))
        .route("/assets/rollcall.css", get(assets::style))
}

/// A handler of what is always the same, with an `ETag`.
fn once(
    media: &'static str,
    make: impl Fn() -> Option<Bytes> + Clone + Send + Sync + 'static,
) -> MethodRouter<App> {
    let kept: Arc<OnceLock<Option<Bytes>>> = Arc::default();
    get(async move |headers: HeaderMap| match kept.get_or_init(make) {
        Some(body) => tagged_as(media, body.clone(), &headers),
        None => Problem::new(Code::Internal).into_response(),
    })
}

fn rendered(page: &impl Template) -> Option<Bytes> {
    page.render().map(Bytes::from).ok()
}
