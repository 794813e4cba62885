//! The account of who is signed in: profile, username, password, sessions, organization, feedback, leaving.

mod feedback;
mod leave;
mod organization;
mod password;
mod profile;
mod sessions;
mod username;

use axum::Router;
use axum::routing::{get, post};

use super::Console;

/// The pages of an account.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/account", get(profile::show))
        .route("/account/name", get(profile::back).post(profile::rename))
        .route("/account/username", get(profile::back).post(username::ask))
        .route("/account/username/code", get(profile::back).post(username::confirm))
        .route("/account/username/again", get(profile::back).post(username::send_again))
        .route("/account/username/cancel", get(profile::back).post(username::cancel))
        .route("/account/password", get(profile::back).post(password::change))
        .route("/account/sessions", get(sessions::show))
        .route("/account/sessions/end", post(sessions::end))
        .route("/account/sessions/end-others", post(sessions::end_others))
        .route("/account/organization", get(organization::show).post(organization::rename))
        .route("/account/leave", get(leave::show).post(leave::leave))
        .route("/feedback", get(feedback::show).post(feedback::give))
}
