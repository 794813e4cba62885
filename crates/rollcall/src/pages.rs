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
use crate::problem::{Code, Problem};

/// The pages that do not change while the process runs are rendered once, when somebody first asks.
pub(crate) fn pages(app: &App, document: OpenApi) -> Router<App> {
    let base = app.policy.public_url.clone();
    let reference = once(move || reference::page(&document, &base));
    Router::new()
        .route("/docs", reference)
        .route("/docs/problems", once(problems::page))
        .route("/assets/rollcall.css", get(assets::style))
}

/// A handler of a page that is always the same, with an `ETag`.
fn once<P: Template>(make: impl Fn() -> P + Clone + Send + Sync + 'static) -> MethodRouter<App> {
    let kept: Arc<OnceLock<Option<Bytes>>> = Arc::default();
    get(async move |headers: HeaderMap| {
        let page = kept.get_or_init(|| make().render().map(Bytes::from).ok());
        match page {
            Some(page) => tagged_as("text/html; charset=utf-8", page.clone(), &headers),
            None => Problem::new(Code::Internal).into_response(),
        }
    })
}
