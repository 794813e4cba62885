//! The profile: name, username and password, each a form of its own.

use askama::Template;
use axum::response::Response;
use http::Method;
use serde::Deserialize;
use serde_json::json;

use crate::console::door::Refusal;
use crate::console::forms::{Form, Posted};
use crate::console::frame::{Answer, Frame, go, go_saying, page};
use crate::console::sign_up::RESEND_AFTER;
use crate::console::visit::Member;

#[derive(Template)]
#[template(path = "account.html")]
struct Page {
    frame: Frame,
    form: Form,
    profile: Profile,
    tab: &'static str,
    /// Seconds until the code may be sent again.
    wait: i64,
}

/// What the page shows of a customer.
#[derive(Deserialize)]
pub(super) struct Profile {
    name: String,
    surname: String,
    email: String,
    pub(super) pending_email: Option<String>,
}

/// `GET /account`
pub(super) async fn show(member: Member) -> Answer {
    let form = Form::fresh(member.texts);
    again(&member, form).await
}

/// The page with a form that was refused.
pub(super) async fn again(member: &Member, form: Form) -> Answer {
    let frame = Frame::of(member, "account").await?;
    let profile = member.door.get(member, "/v1/customer").await?;
    let wait = if member.flash.is_some() { RESEND_AFTER.as_secs() } else { 0 };
    page(&Page { frame, form: form.clone(), profile, tab: "profile", wait }, &form)
}

/// The page with the named form refused.
pub(super) async fn refused(member: &Member, name: &'static str, posted: Posted, refusal: Refusal) -> Answer {
    again(member, Form::refused(member.texts, name, posted, refusal)).await
}

/// The address of a form, looked up: its page.
pub(super) async fn back() -> Response {
    go("/account")
}

/// `POST /account/name`
pub(super) async fn rename(member: Member, posted: Posted) -> Answer {
    let body = json!({"name": posted.value("name"), "surname": posted.value("surname")});
    match member.door.send(&member, Method::PATCH, "/v1/customer", body).await {
        Ok(_) => Ok(go_saying("/account", "name_changed", &[])),
        Err(refusal) => refused(&member, "name", posted, refusal).await,
    }
}
