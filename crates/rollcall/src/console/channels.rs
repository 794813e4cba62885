//! Notification channels, those of a person and those of a team: the same pages below two addresses.

mod act;
mod add;
mod change;
mod list;
mod notify;
mod owner;
mod show;
mod types;
mod view;

use axum::Router;
use axum::extract::Query;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use uuid::Uuid;

use super::Console;
use super::frame::go;

pub(super) use self::view::Channel;

/// The pages of channels.
pub(super) fn routes() -> Router<Console> {
    below("/channels").merge(below("/teams/{team}/channels")).route("/verify", get(verify))
}

fn below(base: &str) -> Router<Console> {
    let one = format!("{base}/{{priority}}");
    Router::new()
        .route(base, get(list::show))
        .route(&format!("{base}/add"), get(add::pick))
        .route(&format!("{base}/add/{{type}}"), get(add::show).post(add::add))
        .route(&format!("{base}/move"), post(act::reorder))
        .route(&format!("{base}/notify"), get(notify::show).post(notify::send))
        .route(&one, get(show::show))
        .route(&format!("{one}/verify"), get(show::back).post(act::verify))
        .route(&format!("{one}/again"), get(show::back).post(act::send_again))
        .route(&format!("{one}/test"), get(show::back).post(act::test))
        .route(&format!("{one}/enabled"), get(show::back).post(act::enable))
        .route(&format!("{one}/value"), get(show::back).post(change::change))
        .route(&format!("{one}/retry"), get(show::back).post(act::retry))
        .route(&format!("{one}/delete"), get(show::back).post(act::delete))
}

/// Which channel a link in a message means.
#[derive(Deserialize)]
struct Link {
    team: Option<Uuid>,
    priority: u16,
}

/// `GET /verify?team=&priority=`: where the code of a message is entered; the browser keeps the code in the fragment.
async fn verify(Query(link): Query<Link>) -> Response {
    let base = link.team.map_or("/channels".to_owned(), |team| format!("/teams/{team}/channels"));
    go(&format!("{base}/{}", link.priority))
}
