//! The mailbox as a page.

use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::list::{KeptMessage, newest};
use crate::app::App;
use crate::problem::{Code, Problem};

#[derive(Template)]
#[template(path = "mailbox.html")]
struct Page {
    messages: Vec<KeptMessage>,
}

/// `GET /mailbox`
pub(super) async fn mailbox(State(app): State<App>) -> Result<Html<String>, Problem> {
    let page = Page { messages: newest(&app, None).await? };
    page.render().map(Html).map_err(|error| {
        tracing::error!(%error, "the mailbox page could not be rendered");
        Problem::new(Code::Internal)
    })
}
