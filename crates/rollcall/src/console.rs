//! The console: pages for people, over the operations of the API and nothing else.
//!
//! A page asks the operations through its [`door`](door::Door) and shows what they answer. Rights, rules and limits are theirs;
//! nothing here reads or writes the storage but the look-up of a browser's session.

mod account;
mod assets;
mod audit_log;
mod channels;
mod cookies;
mod door;
mod flash;
mod forgotten_password;
mod forms;
mod frame;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod gate;
mod home;
mod invitation;
mod language;
mod mailbox;
mod sign_in;
mod sign_up;
mod teams;
mod texts;
mod times;
mod visit;

use axum::Router;
use axum::extract::{FromRef, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use http::Method;
use http::header::ACCEPT;

use self::door::{Door, Refusal};
use crate::app::App;
use crate::problem::Problem;

/// What pages are made with.
#[derive(Clone)]
struct Console {
    app: App,
    door: Door,
}

impl FromRef<Console> for App {
    fn from_ref(console: &Console) -> Self {
        console.app.clone()
    }
}

/// Every page, over these operations. The first layer of a page finds its visitor and refuses forms of other sites.
pub(crate) fn pages(app: &App, operations: Router) -> Router<App> {
    let console = Console { app: app.clone(), door: Door::new(operations) };
    let pages = Router::new()
        .route("/", get(home::show))
        .route("/language", post(language::choose))
        .merge(strangers())
        .merge(account::routes())
        .merge(channels::routes())
        .merge(teams::routes())
        .route("/audit-log", get(audit_log::show))
        .route("/audit-log.csv", get(audit_log::file))
        .route_layer(from_fn_with_state(console.clone(), gate::keep));
    let mailbox = Router::new()
        .route("/mailbox", get(mailbox::show))
        .route_layer(from_fn_with_state(console.clone(), gate::keep))
        .route_layer(from_fn_with_state(app.clone(), crate::mailbox::check));
    let stray = any(nowhere).layer(from_fn_with_state(console.clone(), for_people));
    pages
        .merge(mailbox)
        .route("/assets/{name}", get(assets::asset))
        .route("/push-worker.js", get(assets::push_worker))
        .route("/{*path}", stray)
        .with_state(console)
}

/// Somebody who looks for a page that does not exist is told so on a page; a program gets its problem.
async fn for_people(State(console): State<Console>, request: Request, next: Next) -> Response {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if request.method() == Method::GET && accept.contains("text/html") {
        gate::keep(State(console), request, next).await
    } else {
        Problem::not_found().into_response()
    }
}

async fn nowhere() -> Refusal {
    Refusal::not_found()
}

/// What somebody needs to become a member, or to be known again.
fn strangers() -> Router<Console> {
    Router::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/sign-up", get(sign_up::show).post(sign_up::sign_up))
        .route("/sign-up/code", get(sign_up::show_code).post(sign_up::confirm))
        .route("/sign-up/code/again", post(sign_up::send_again))
        .route("/invitation", get(invitation::show))
        .route("/invitation/accept", post(invitation::accept))
        .route("/invitation/decline", post(invitation::decline))
        .route("/forgotten-password", get(forgotten_password::show).post(forgotten_password::ask))
        .route("/forgotten-password/code", get(forgotten_password::show_code).post(forgotten_password::set))
}
