//! Signing in to the console and out of it.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use http::HeaderValue;
use http::Method;
use http::header::{HeaderName, SET_COOKIE};
use serde::Deserialize;
use serde_json::{Value, json};

use super::door::Refusal;
use super::forms::{Form, Posted};
use super::frame::{Answer, Frame, go, go_saying, local, page};
use super::visit::{Member, Visit};
use super::{cookies, gate};
use crate::sessions::browser;

/// W3C Clear Site Data: takes away what the browser kept of pages that only a member may see.
const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page {
    frame: Frame,
    form: Form,
    next: String,
    email: String,
}

/// Where to go after it, and who is expected.
#[derive(Deserialize)]
pub(super) struct Wish {
    #[serde(default)]
    next: String,
    #[serde(default)]
    email: String,
}

/// `GET /sign-in?next=&email=`
pub(super) async fn show(visit: Visit, Query(wish): Query<Wish>) -> Answer {
    if visit.caller.is_some() {
        return Ok(go(local(&wish.next)));
    }
    let form = Form::fresh(visit.texts);
    page(
        &Page {
            frame: Frame::open(&visit),
            form: form.clone(),
            next: local(&wish.next).to_owned(),
            email: wish.email,
        },
        &form,
    )
}

/// `POST /sign-in`
pub(super) async fn sign_in(visit: Visit, posted: Posted) -> Answer {
    let email = posted.trimmed("email");
    let next = local(posted.value("next")).to_owned();
    let body = json!({"email": email, "password": posted.value("password")});
    match visit.door.send(&visit, Method::POST, "/v1/auth", body).await {
        Ok(answer) => welcome(&visit, &answer, go(&next)).await,
        Err(refusal) if refusal.code == "account_unconfirmed" => {
            let path = super::sign_up::code_path(email);
            Ok(go_saying(&path, "not_confirmed_yet", &[]))
        }
        Err(refusal) => {
            let email = email.to_owned();
            let form = Form::refused(visit.texts, "sign-in", posted, refusal);
            page(&Page { frame: Frame::open(&visit), form: form.clone(), next, email }, &form)
        }
    }
}

/// Turns the tokens of an answer into the cookie of a browser.
pub(super) async fn welcome(visit: &Visit, answer: &Value, mut response: Response) -> Answer {
    let token = answer["access_token"].as_str().ok_or_else(Refusal::internal)?;
    let token = browser::begin(&visit.app, token).await.map_err(|problem| {
        tracing::error!(code = problem.code.name(), "a sign-in did not become a session of the console");
        Refusal::internal()
    })?;
    response.headers_mut().append(SET_COOKIE, gate::session_cookie(&token));
    Ok(response)
}

/// `POST /sign-out`
pub(super) async fn sign_out(member: Member, posted: Posted) -> Answer {
    member.door.send(&member, Method::DELETE, "/v1/auth", Value::Null).await?;
    let path = if posted.has("next") { local(posted.value("next")) } else { "/sign-in" };
    Ok(forget(go_saying(path, "signed_out", &[])))
}

/// Takes the session away from the browser, with what it kept of the pages.
pub(super) fn forget(mut response: Response) -> Response {
    response.headers_mut().append(SET_COOKIE, cookies::clear(cookies::SESSION));
    response.headers_mut().insert(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\""));
    response
}
