//! What a team looks after: its services.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::find::{self, Team};
use crate::console::door::{Listed, Refusal};
use crate::console::forms::{Form, Posted};
use crate::console::frame::{Answer, Frame, go, go_saying, page};
use crate::console::times::Time;
use crate::console::visit::Member;

#[derive(Template)]
#[template(path = "services.html")]
struct Page {
    frame: Frame,
    form: Form,
    team: Team,
    tab: &'static str,
    services: Vec<Service>,
}

#[derive(Deserialize)]
struct Service {
    #[serde(rename = "service_id")]
    id: Uuid,
    name: String,
    created_at: Time,
}

impl Page {
    /// Whether it is this service whose new name was refused.
    fn renamed(&self, service: &Service) -> bool {
        self.form.is("rename") && self.form.value("rename", "service_id", "") == service.id.to_string()
    }

    /// The form for this service: that of another one says nothing.
    fn form_of(&self, service: &Service) -> Form {
        if self.renamed(service) { self.form.clone() } else { Form::fresh(self.frame.t) }
    }
}

/// `GET /teams/{team}/services`
pub(super) async fn show(member: Member, Path(id): Path<Uuid>) -> Answer {
    let form = Form::fresh(member.texts);
    again(&member, id, form).await
}

/// The address of a form, looked up: the team's services.
pub(super) async fn back(Path(id): Path<Uuid>) -> Response {
    go(&format!("/teams/{id}/services"))
}

async fn again(member: &Member, id: Uuid, form: Form) -> Answer {
    let frame = Frame::of(member, "teams").await?;
    let team = find::team(member, id).await?;
    let services: Listed<Service> =
        member.door.get(member, &format!("/v1/team/{id}/services?limit=200")).await?;
    page(&Page { frame, form: form.clone(), team, tab: "services", services: services.data }, &form)
}

/// `POST /teams/{team}/services`
pub(super) async fn create(member: Member, Path(team): Path<Uuid>, posted: Posted) -> Answer {
    let body = json!({"name": posted.value("name"), "team_id": team});
    match member.door.send(&member, Method::POST, "/v1/service", body).await {
        Ok(_) => Ok(go_saying(&format!("/teams/{team}/services"), "service_created", &[])),
        Err(refusal) => again(&member, team, Form::refused(member.texts, "create", posted, refusal)).await,
    }
}

fn path(posted: &Posted) -> Result<String, Refusal> {
    let id: Uuid = posted.value("service_id").parse().map_err(|_| Refusal::not_found())?;
    Ok(format!("/v1/service/{id}"))
}

/// `POST /teams/{team}/services/rename`
pub(super) async fn rename(member: Member, Path(team): Path<Uuid>, posted: Posted) -> Answer {
    let body = json!({"name": posted.value("name")});
    match member.door.send(&member, Method::PUT, &path(&posted)?, body).await {
        Ok(_) => Ok(go_saying(&format!("/teams/{team}/services"), "service_renamed", &[])),
        Err(refusal) => again(&member, team, Form::refused(member.texts, "rename", posted, refusal)).await,
    }
}

/// `POST /teams/{team}/services/delete`
pub(super) async fn delete(member: Member, Path(team): Path<Uuid>, posted: Posted) -> Answer {
    match member.door.send(&member, Method::DELETE, &path(&posted)?, Value::Null).await {
        Ok(_) => Ok(go_saying(&format!("/teams/{team}/services"), "service_deleted", &[])),
        Err(refusal) => again(&member, team, Form::refused(member.texts, "delete", posted, refusal)).await,
    }
}
