//! Signing up: an account, then the code that went to its address.

use askama::Template;
use axum::extract::Query;
use http::Method;
use jiff::SignedDuration;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::json;

use super::forms::{Form, Posted};
use super::frame::{Answer, Frame, go, go_saying, page};
use super::visit::Visit;

/// A code is sent again after a minute at the earliest.
pub(super) const RESEND_AFTER: SignedDuration = SignedDuration::from_secs(60);

#[derive(Template)]
#[template(path = "sign_up.html")]
struct Page {
    frame: Frame,
    form: Form,
}

#[derive(Template)]
#[template(path = "sign_up_code.html")]
struct CodePage {
    frame: Frame,
    form: Form,
    email: String,
    wait: i64,
}

/// Whose code it is, and whether one went out just now.
#[derive(Deserialize)]
pub(super) struct Address {
    #[serde(default)]
    email: String,
}

/// `GET /sign-up`
pub(super) async fn show(visit: Visit) -> Answer {
    if visit.caller.is_some() {
        return Ok(go("/"));
    }
    let form = Form::fresh(visit.texts);
    page(&Page { frame: Frame::open(&visit), form: form.clone() }, &form)
}

/// `POST /sign-up`
pub(super) async fn sign_up(visit: Visit, posted: Posted) -> Answer {
    let email = posted.trimmed("email");
    let body = json!({
        "name": posted.value("name"),
        "surname": posted.value("surname"),
        "email": email,
        "password": posted.value("password"),
    });
    match visit.door.send(&visit, Method::POST, "/v1/account", body).await {
        Ok(_) => Ok(go_saying(&code_path(email), "code_first", &[])),
        Err(refusal) => {
            let form = Form::refused(visit.texts, "sign-up", posted, refusal);
            page(&Page { frame: Frame::open(&visit), form: form.clone() }, &form)
        }
    }
}

/// Where the code of an address is entered.
pub(super) fn code_path(email: &str) -> String {
    format!("/sign-up/code?email={}", utf8_percent_encode(email, NON_ALPHANUMERIC))
}

/// `GET /sign-up/code?email=`
pub(super) async fn show_code(visit: Visit, Query(address): Query<Address>) -> Answer {
    if address.email.is_empty() {
        return Ok(go("/sign-up"));
    }
    // A code that was sent just now was said to be.
    let wait = if visit.flash.is_some() { RESEND_AFTER.as_secs() } else { 0 };
    code_page(&visit, address.email, Form::fresh(visit.texts), wait)
}

fn code_page(visit: &Visit, email: String, form: Form, wait: i64) -> Answer {
    page(&CodePage { frame: Frame::open(visit), form: form.clone(), email, wait }, &form)
}

/// `POST /sign-up/code`
pub(super) async fn confirm(visit: Visit, posted: Posted) -> Answer {
    let email = posted.trimmed("email").to_owned();
    let body = json!({"email": email, "confirmation_code": digits(posted.value("code"))});
    match visit.door.send(&visit, Method::PATCH, "/v1/account", body).await {
        Ok(_) => {
            let path = format!("/sign-in?email={}", utf8_percent_encode(&email, NON_ALPHANUMERIC));
            Ok(go_saying(&path, "confirmed", &[]))
        }
        Err(refusal) => {
            let form =
                Form::refused(visit.texts, "code", posted, refusal.renamed("confirmation_code", "code"));
            code_page(&visit, email, form, 0)
        }
    }
}

/// `POST /sign-up/code/again`
pub(super) async fn send_again(visit: Visit, posted: Posted) -> Answer {
    let email = posted.trimmed("email").to_owned();
    let body = json!({"email": email});
    match visit.door.send(&visit, Method::POST, "/v1/account/confirmation-code", body).await {
        Ok(_) => Ok(go_saying(&code_path(&email), "code_sent", &[])),
        Err(refusal) => {
            let wait = refusal.retry_after.and_then(|seconds| i64::try_from(seconds).ok()).unwrap_or(0);
            code_page(&visit, email, Form::refused(visit.texts, "resend", posted, refusal), wait)
        }
    }
}

/// A code as people type it: with blanks or a dash in the middle.
pub(super) fn digits(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}
