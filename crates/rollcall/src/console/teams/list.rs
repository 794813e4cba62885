//! The teams that somebody sees, and making one.

use askama::Template;
use http::Method;
use serde_json::json;

use super::find::{self, Team};
use crate::console::forms::{Form, Posted};
use crate::console::frame::{Answer, Frame, go_saying, page};
use crate::console::visit::Member;

#[derive(Template)]
#[template(path = "teams.html")]
struct Page {
    frame: Frame,
    form: Form,
    teams: Vec<Team>,
    /// Whether they may make one; the operation decides by itself.
    may_create: bool,
}

/// `GET /teams`
pub(super) async fn show(member: Member) -> Answer {
    let form = Form::fresh(member.texts);
    again(&member, form).await
}

async fn again(member: &Member, form: Form) -> Answer {
    let frame = Frame::of(member, "teams").await?;
    let teams = find::all(member).await?;
    let may_create = frame.person.as_ref().is_some_and(|person| person.role != "user");
    page(&Page { frame, form: form.clone(), teams, may_create }, &form)
}

/// `POST /teams`
pub(super) async fn create(member: Member, posted: Posted) -> Answer {
    let body = json!({"name": posted.value("name")});
    match member.door.send(&member, Method::POST, "/v1/team", body).await {
        Ok(answer) => {
            let id = answer["team"]["team_id"].as_str().unwrap_or_default();
            Ok(go_saying(&format!("/teams/{id}"), "team_created", &[]))
        }
        Err(refusal) => again(&member, Form::refused(member.texts, "create", posted, refusal)).await,
    }
}
