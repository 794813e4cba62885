//! Every operation, as one list; `http/edge.rs` stands around it.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tower::Layer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::http::address::Directory;
use crate::http::edge::{self, Edge};
use crate::http::front::Front;
use crate::http::{access_log, health, openapi};
use crate::problem::Problem;
use crate::sessions::authenticate;
use crate::{
    accounts, audit, channels, console, customers, feedback, invitations, mailbox, members, notifications,
    organizations, pages, services, sessions, teams,
};

type Routes = OpenApiRouter<App>;

/// Operations that need no token.
fn open() -> Routes {
    Routes::new()
        .routes(routes!(accounts::sign_up::sign_up, accounts::confirm::confirm_account))
        .routes(routes!(accounts::resend_code::resend_confirmation_code))
        .routes(routes!(accounts::forgot_password::forgot_password, accounts::reset_password::reset_password))
        .routes(routes!(sessions::sign_in::sign_in))
        .routes(routes!(sessions::refresh::refresh_session))
        .routes(routes!(invitations::preview::preview_invitation))
        .routes(routes!(channels::push_key::show_push_public_key))
}

/// Operations that take a token and do without.
fn either() -> Routes {
    Routes::new()
        .routes(routes!(invitations::accept::accept_invitation))
        .routes(routes!(invitations::decline::decline_invitation))
}

/// Operations that need a token.
fn secured() -> Routes {
    Routes::new()
        .routes(routes!(sessions::sign_out::sign_out))
        .routes(routes!(sessions::list::list_sessions, sessions::end_others::end_other_sessions))
        .routes(routes!(sessions::end::end_session))
        .routes(routes!(
            customers::profile::show_caller,
            customers::update::update_customer,
            customers::leave::delete_customer
        ))
        .routes(routes!(customers::export::export_customer))
        .routes(routes!(customers::profile::show_customer))
        .routes(routes!(
            customers::change_username::change_username,
            customers::confirm_username::confirm_username,
            customers::cancel_username::cancel_username
        ))
        .routes(routes!(accounts::change_password::change_password))
        .routes(routes!(feedback::give::give_feedback))
        .routes(routes!(organizations::usage::show_usage))
        .routes(routes!(organizations::plan_limits::show_plan_limits))
        .routes(routes!(organizations::rename::rename_organization))
        .routes(routes!(audit::list::list_audit_log))
        .routes(routes!(teams::create::create_team))
        .routes(routes!(teams::list::list_teams))
        .routes(routes!(teams::rename::rename_team, teams::delete::delete_team))
        .merge(channels())
        .routes(routes!(services::create::create_service))
        .routes(routes!(services::rename::rename_service, services::delete::delete_service))
        .routes(routes!(services::show::show_service))
        .routes(routes!(services::list::list_services))
        .routes(routes!(members::list::list_members))
        .routes(routes!(members::change::change_member, members::remove::remove_member))
        .routes(routes!(invitations::list::list_invitations))
        .routes(routes!(invitations::invite::invite_member, invitations::withdraw::withdraw_invitation))
        .routes(routes!(invitations::remind::remind_of_invitation))
        .routes(routes!(invitations::link::make_invitation_link))
}

/// Notification channels: each operation under the path of a person and that of a team.
fn channels() -> Routes {
    use channels::{
        change_value, create, delete, deliveries, enable, list, reachability, reorder, resend, retry, test,
        types, verify,
    };
    Routes::new()
        .routes(routes!(types::list_channel_types))
        .routes(routes!(
            create::create_personal_channel,
            change_value::change_personal_channel,
            reorder::reorder_personal_channels,
            delete::delete_personal_channels
        ))
        .routes(routes!(list::list_personal_channels))
        .routes(routes!(verify::verify_personal_channel, resend::resend_personal_channel_code))
        .routes(routes!(test::test_personal_channel))
        .routes(routes!(enable::enable_personal_channel))
        .routes(routes!(deliveries::list_personal_deliveries))
        .routes(routes!(retry::retry_personal_delivery))
        .routes(routes!(notifications::send::notify_customer))
        .routes(routes!(
            create::create_team_channel,
            change_value::change_team_channel,
            reorder::reorder_team_channels,
            delete::delete_team_channels
        ))
        .routes(routes!(list::list_team_channels))
        .routes(routes!(verify::verify_team_channel, resend::resend_team_channel_code))
        .routes(routes!(test::test_team_channel))
        .routes(routes!(enable::enable_team_channel))
        .routes(routes!(deliveries::list_team_deliveries))
        .routes(routes!(retry::retry_team_delivery))
        .routes(routes!(notifications::send::notify_team))
        .routes(routes!(reachability::show_reachability))
}

/// The OpenAPI document.
#[must_use]
pub fn document() -> OpenApi {
    let mut document = open().into_openapi();
    let (mut either, mut secured) = (either().into_openapi(), secured().into_openapi());
    openapi::secure_optionally(&mut either);
    openapi::secure(&mut secured);
    document.merge(either);
    document.merge(secured);
    openapi::complete(document)
}

/// Everything that the server answers, with the answers that are ready in front.
pub fn front(app: &App) -> Front {
    Front::new(app, router(app))
}

/// Every route, behind the edge.
pub fn router(app: &App) -> Router {
    let directory = Directory::new(openapi::paths(&document()), app.policy.parts.clone());
    let either = Router::from(either()).route_layer(from_fn_with_state(app.clone(), authenticate::accept));
    let secured = Router::from(secured()).route_layer(from_fn_with_state(app.clone(), authenticate::require));
    let operations = Router::from(open()).merge(either).merge(secured);
    let console = console::pages(app, operations.clone().with_state(app.clone()));
    let inner = operations
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .merge(read_by_people(app))
        .merge(console)
        .layer(from_fn(access_log::note_route))
        .fallback(async || Problem::not_found())
        .with_state(app.clone());
    Router::new().fallback_service(from_fn_with_state(Edge::new(app, directory), edge::pass).layer(inner))
}

/// What people and programs read: the document, the reference, the mailbox, the first page.
fn read_by_people(app: &App) -> Router<App> {
    Router::new().merge(pages::pages(app, document)).merge(mailbox::pages(app))
}
