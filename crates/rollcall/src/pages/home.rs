//! The first page: what this is, and where to go.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;

use crate::app::App;
use crate::mailbox;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    base: &'a str,
    mailbox: bool,
}

/// `GET /`
pub(super) async fn home(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    super::render(&Home { base: &app.policy.public_url, mailbox: mailbox::shown_to(&app, &headers) })
}
