//! Teams: the list of them, and for each its people, channels, services and settings.

pub(super) mod find;
mod invitations;
mod list;
mod members;
mod people;
mod services;
mod settings;

use axum::Router;
use axum::routing::{get, post};

use super::Console;

/// The pages of teams; those of their channels are with the channels.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/teams", get(list::show).post(list::create))
        .route("/teams/{team}", get(people::show))
        .route("/teams/{team}/invite", get(people::back).post(invitations::invite))
        .route("/teams/{team}/invitations/remind", get(people::back).post(invitations::remind))
        .route("/teams/{team}/invitations/withdraw", get(people::back).post(invitations::withdraw))
        .route("/teams/{team}/invitations/link", get(people::back).post(invitations::link))
        .route("/teams/{team}/members/{member}/role", get(people::back).post(members::set_role))
        .route("/teams/{team}/members/{member}/move", get(people::back).post(members::move_on))
        .route("/teams/{team}/members/{member}/remove", get(people::back).post(members::remove))
        .route("/teams/{team}/services", get(services::show).post(services::create))
        .route("/teams/{team}/services/rename", get(services::back).post(services::rename))
        .route("/teams/{team}/services/delete", get(services::back).post(services::delete))
        .route("/teams/{team}/settings", get(settings::show).post(settings::rename))
        .route("/teams/{team}/delete", post(settings::delete))
}
