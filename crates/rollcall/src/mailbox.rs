//! The built-in mailbox: messages that have no transport, for who tries the server out.

mod code;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod list;
mod visible;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

pub(crate) use code::code_in;
pub(crate) use list::{Filter, KeptMessage, newest};
pub(crate) use visible::{check, shown_to};

use crate::app::App;

/// `/mailbox/messages`, where the settings let the request see it. The page is the console's.
pub fn pages(app: &App) -> Router<App> {
    Router::new()
        .route("/mailbox/messages", get(list::messages))
        .route_layer(from_fn_with_state(app.clone(), visible::check))
}
