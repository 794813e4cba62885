//! The settings of a team: its name, and its end.

use askama::Template;
use axum::extract::Path;
use http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::find::{self, Team};
use crate::console::forms::{Form, Posted};
use crate::console::frame::{Answer, Frame, go_saying, page};
use crate::console::visit::Member;

#[derive(Template)]
#[template(path = "team_settings.html")]
struct Page {
    frame: Frame,
    form: Form,
    team: Team,
    tab: &'static str,
}

/// `GET /teams/{team}/settings`
pub(super) async fn show(member: Member, Path(id): Path<Uuid>) -> Answer {
    let form = Form::fresh(member.texts);
    again(&member, id, form).await
}

async fn again(member: &Member, id: Uuid, form: Form) -> Answer {
    let frame = Frame::of(member, "teams").await?;
    let team = find::team(member, id).await?;
    page(&Page { frame, form: form.clone(), team, tab: "settings" }, &form)
}

/// `POST /teams/{team}/settings`
pub(super) async fn rename(member: Member, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    let body = json!({"name": posted.value("name")});
    match member.door.send(&member, Method::PUT, &format!("/v1/team/{id}"), body).await {
        Ok(_) => Ok(go_saying(&format!("/teams/{id}/settings"), "team_renamed", &[])),
        Err(refusal) => again(&member, id, Form::refused(member.texts, "rename", posted, refusal)).await,
    }
}

/// `POST /teams/{team}/delete`
pub(super) async fn delete(member: Member, Path(id): Path<Uuid>, posted: Posted) -> Answer {
    match member.door.send(&member, Method::DELETE, &format!("/v1/team/{id}"), Value::Null).await {
        Ok(_) => Ok(go_saying("/teams", "team_deleted", &[])),
        Err(refusal) => again(&member, id, Form::refused(member.texts, "delete", posted, refusal)).await,
    }
}
