//! A forgotten password: a code to the address, then a new password with it.

use askama::Template;
use axum::extract::Query;
use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::json;

use super::forms::{Form, Posted};
use super::frame::{Answer, Frame, go, go_saying, page};
use super::sign_up::digits;
use super::visit::Visit;

#[derive(Template)]
#[template(path = "forgotten_password.html")]
struct Page {
    frame: Frame,
    form: Form,
}

#[derive(Template)]
#[template(path = "new_password.html")]
struct CodePage {
    frame: Frame,
    form: Form,
    email: String,
}

/// Whose password it is.
#[derive(Deserialize)]
pub(super) struct Address {
    #[serde(default)]
    email: String,
}

/// `GET /forgotten-password`
pub(super) async fn show(visit: Visit) -> Answer {
    let form = Form::fresh(visit.texts);
    page(&Page { frame: Frame::open(&visit), form: form.clone() }, &form)
}

/// `POST /forgotten-password`
pub(super) async fn ask(visit: Visit, posted: Posted) -> Answer {
    let email = posted.trimmed("email");
    match visit.door.send(&visit, Method::POST, "/v1/account/password", json!({"email": email})).await {
        Ok(_) => {
            let email = utf8_percent_encode(email, NON_ALPHANUMERIC);
            Ok(go(&format!("/forgotten-password/code?email={email}")))
        }
        Err(refusal) => {
            let form = Form::refused(visit.texts, "forgotten", posted, refusal);
            page(&Page { frame: Frame::open(&visit), form: form.clone() }, &form)
        }
    }
}

/// `GET /forgotten-password/code?email=`
pub(super) async fn show_code(visit: Visit, Query(address): Query<Address>) -> Answer {
    if address.email.is_empty() {
        return Ok(go("/forgotten-password"));
    }
    let form = Form::fresh(visit.texts);
    page(&CodePage { frame: Frame::open(&visit), form: form.clone(), email: address.email }, &form)
}

/// `POST /forgotten-password/code`
pub(super) async fn set(visit: Visit, posted: Posted) -> Answer {
    let email = posted.trimmed("email").to_owned();
    let body = json!({
        "email": email,
        "code": digits(posted.value("code")),
        "password": posted.value("password"),
    });
    match visit.door.send(&visit, Method::PATCH, "/v1/account/password", body).await {
        Ok(_) => {
            let path = format!("/sign-in?email={}", utf8_percent_encode(&email, NON_ALPHANUMERIC));
            Ok(go_saying(&path, "password_set", &[]))
        }
        Err(refusal) => {
            let form = Form::refused(visit.texts, "reset", posted, refusal);
            page(&CodePage { frame: Frame::open(&visit), form: form.clone(), email }, &form)
        }
    }
}
