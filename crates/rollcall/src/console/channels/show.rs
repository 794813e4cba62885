//! One channel: its code, its test, its value, and what was sent to it.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use super::owner::Owned;
use super::types::{self, Type};
use super::view::Channel;
use crate::console::door::{Listed, Refusal};
use crate::console::forms::{Form, Posted};
use crate::console::frame::{Answer, Frame, go, page};
use crate::console::sign_up::RESEND_AFTER;
use crate::console::teams::find::Team;
use crate::console::times::Time;

#[derive(Template)]
#[template(path = "channel.html")]
struct Page {
    frame: Frame,
    form: Form,
    base: String,
    team: Option<Team>,
    governs: bool,
    channel: Channel,
    kind: Type,
    /// Whether nothing else reaches the owner.
    last: bool,
    deliveries: Vec<Delivery>,
    /// Seconds until the code may be sent again.
    wait: i64,
}

impl Page {
    /// Whether nobody can be reached without this channel.
    fn only_one(&self) -> bool {
        self.last && self.channel.is_active()
    }
}

/// A message that was sent.
#[derive(Deserialize)]
struct Delivery {
    #[serde(rename = "delivery_id")]
    id: String,
    kind: String,
    status: String,
    created_at: Time,
    attempts: Vec<Attempt>,
}

/// One try to deliver it.
#[derive(Deserialize)]
struct Attempt {
    at: Time,
    outcome: String,
    response_status: Option<i64>,
    latency_ms: i64,
    detail: String,
    answer: Option<String>,
}

impl Delivery {
    /// Whether it may be tried again by hand; a code is sent anew instead.
    fn may_be_retried(&self) -> bool {
        self.status == "failed" && self.kind != "verification"
    }

    fn tone(&self) -> &'static str {
        match self.status.as_str() {
            "delivered" => "good",
            "failed" => "bad",
            _ => "warn",
        }
    }
}

/// `GET …/channels/{priority}`
pub(super) async fn show(owned: Owned) -> Answer {
    let form = Form::fresh(owned.member.texts);
    again(owned, form).await
}

/// The address of a form, looked up: its channel.
pub(super) async fn back(owned: Owned) -> Response {
    go(&owned.page())
}

/// The page with the named form refused.
pub(super) async fn refused(owned: Owned, name: &'static str, posted: Posted, refusal: Refusal) -> Answer {
    let form = Form::refused(owned.member.texts, name, posted, refusal);
    again(owned, form).await
}

async fn again(owned: Owned, form: Form) -> Answer {
    let frame = Frame::of(&owned.member, owned.place()).await?;
    let door = &owned.member.door;
    let path = format!("{}/notification-channels?limit=200", owned.api);
    let listed: Listed<Channel> = door.get(&owned.member, &path).await?;
    let active = |channel: &&Channel| channel.status == "active" && channel.priority != owned.priority;
    let last = !listed.data.iter().any(|channel| active(&channel));
    let channel = listed.data.into_iter().find(|channel| channel.priority == owned.priority);
    let channel = channel.ok_or_else(Refusal::not_found)?;
    let path = format!("{}/notification-channel/deliveries?priority={}&limit=10", owned.api, owned.priority);
    let deliveries: Listed<Delivery> = door.get(&owned.member, &path).await?;
    let kind = types::one(&owned.member, &channel.kind).await?;
    let sent = deliveries.data.iter().find(|delivery| delivery.kind == "verification");
    let wait =
        sent.map_or(0, |delivery| delivery.created_at.seconds_left(RESEND_AFTER, owned.member.app.now()));
    let governs = owned.governs();
    let Owned { base, team, .. } = owned;
    let shown = Page {
        frame,
        form: form.clone(),
        base,
        team,
        governs,
        channel,
        kind,
        last,
        deliveries: deliveries.data,
        wait,
    };
    page(&shown, &form)
}
