//! The built-in mailbox: messages that have no transport, for who tries the server out.

mod list;
mod page;
mod visible;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

pub(crate) use visible::shown_to;

use crate::app::App;

/// `/mailbox` and `/mailbox/messages`, where the settings let the request see them.
pub fn pages(app: &App) -> Router<App> {
    Router::new()
        .route("/mailbox", get(page::mailbox))
        .route("/mailbox/messages", get(list::messages))
        .route_layer(from_fn_with_state(app.clone(), visible::check))
}
