//! Leaving for good: what will be lost, why, and a box to tick before it happens.

use askama::Template;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;

use crate::console::door::{Listed, Refusal};
use crate::console::forms::{Form, Posted};
use crate::console::frame::{Answer, Frame, go_saying, page};
use crate::console::sign_in::forget;
use crate::console::visit::Member;

#[derive(Template)]
#[template(path = "leave.html")]
struct Page {
    frame: Frame,
    form: Form,
    tab: &'static str,
    teams: Vec<Team>,
    channels: usize,
    organization: String,
    root: bool,
}

#[derive(Deserialize)]
struct Profile {
    customer_id: String,
    role: String,
    teams: Vec<Team>,
    organization: Organization,
}

#[derive(Deserialize)]
struct Team {
    name: String,
}

#[derive(Deserialize)]
struct Organization {
    name: String,
}

/// `GET /account/leave`
pub(super) async fn show(member: Member) -> Answer {
    let form = Form::fresh(member.texts);
    again(&member, form).await
}

async fn again(member: &Member, form: Form) -> Answer {
    let frame = Frame::of(member, "account").await?;
    let profile: Profile = member.door.get(member, "/v1/customer").await?;
    let path = format!("/v1/customer/{}/notification-channels?limit=200", profile.customer_id);
    let channels: Listed<serde::de::IgnoredAny> = member.door.get(member, &path).await?;
    let page_of = Page {
        frame,
        form: form.clone(),
        tab: "leave",
        teams: profile.teams,
        channels: channels.data.len(),
        organization: profile.organization.name,
        root: profile.role == "root",
    };
    page(&page_of, &form)
}

/// `POST /account/leave`
pub(super) async fn leave(member: Member, posted: Posted) -> Answer {
    if posted.value("sure") != "yes" {
        let refusal =
            Refusal::of(StatusCode::UNPROCESSABLE_ENTITY, "validation_failed").about("sure", "not_sure");
        return again(&member, Form::refused(member.texts, "leave", posted, refusal)).await;
    }
    let mut body = json!({"reason": posted.value("reason")});
    if !posted.trimmed("comment").is_empty() {
        body["comment"] = json!(posted.value("comment"));
    }
    match member.door.send(&member, Method::DELETE, "/v1/customer", body).await {
        Ok(_) => Ok(forget(go_saying("/", "account_deleted", &[]))),
        Err(refusal) => again(&member, Form::refused(member.texts, "leave", posted, refusal)).await,
    }
}
