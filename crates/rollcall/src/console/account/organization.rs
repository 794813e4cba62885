//! The organization: its name, its plan, and how much of what the plan allows is used.

use askama::Template;
use http::Method;
use serde::Deserialize;
use serde_json::json;

use crate::console::forms::{Form, Posted};
use crate::console::frame::{Answer, Frame, go_saying, page};
use crate::console::visit::Member;

#[derive(Template)]
#[template(path = "organization.html")]
struct Page {
    frame: Frame,
    form: Form,
    tab: &'static str,
    organization: Organization,
    meters: Vec<Meter>,
    root: bool,
}

#[derive(Deserialize)]
struct Profile {
    organization: Organization,
    limits: Limits,
    role: String,
}

#[derive(Deserialize)]
struct Organization {
    name: String,
    plan: String,
    plan_version: String,
}

#[derive(Deserialize)]
struct Limits {
    teams: Use,
    team_members: Use,
    services: Use,
    notification_channels: Use,
}

#[derive(Deserialize)]
struct Use {
    used: i64,
    max: Option<i64>,
}

/// A limit as a bar.
struct Meter {
    label: &'static str,
    used: i64,
    max: Option<i64>,
}

impl Meter {
    fn full(&self) -> bool {
        self.max.is_some_and(|max| self.used >= max)
    }

    /// The look of its bar: calm, from four fifths on a warning, then full.
    fn tone(&self) -> &'static str {
        match self.max {
            Some(max) if self.used >= max => "full",
            Some(max) if self.used * 5 >= max * 4 => "near",
            _ => "",
        }
    }
}

/// `GET /account/organization`
pub(super) async fn show(member: Member) -> Answer {
    let form = Form::fresh(member.texts);
    again(&member, form).await
}

async fn again(member: &Member, form: Form) -> Answer {
    let frame = Frame::of(member, "account").await?;
    let Profile { organization, limits, role } = member.door.get(member, "/v1/customer").await?;
    let meters = [
        ("limit.teams", limits.teams),
        ("limit.team_members", limits.team_members),
        ("limit.services", limits.services),
        ("limit.notification_channels", limits.notification_channels),
    ];
    let meters = meters.into_iter().map(|(label, Use { used, max })| Meter { label, used, max }).collect();
    let root = role == "root";
    page(&Page { frame, form: form.clone(), tab: "organization", organization, meters, root }, &form)
}

/// `POST /account/organization`
pub(super) async fn rename(member: Member, posted: Posted) -> Answer {
    let body = json!({"name": posted.value("name")});
    match member.door.send(&member, Method::PATCH, "/v1/organization", body).await {
        Ok(_) => Ok(go_saying("/account/organization", "organization_renamed", &[])),
        Err(refusal) => again(&member, Form::refused(member.texts, "organization", posted, refusal)).await,
    }
}
