//! A notification to a team, or to oneself: what it says, and to how many channels it goes.

use askama::Template;
use http::Method;
use serde_json::json;

use super::owner::Owned;
use super::view::Channel;
use crate::console::door::{Listed, Refusal};
use crate::console::forms::{Form, Posted};
use crate::console::frame::{Answer, Frame, go_saying, page};
use crate::console::teams::find::Team;

const SEVERITIES: [&str; 3] = ["info", "warning", "critical"];

#[derive(Template)]
#[template(path = "notify.html")]
struct Page {
    frame: Frame,
    base: String,
    team: Option<Team>,
    form: Form,
    /// What it would go to.
    receivers: Vec<Channel>,
}

impl Page {
    fn severities(&self) -> [(&'static str, bool); 3] {
        let chosen = self.form.value("notify", "severity", "info");
        SEVERITIES.map(|severity| (severity, severity == chosen))
    }
}

/// `GET …/channels/notify`
pub(super) async fn show(owned: Owned) -> Answer {
    let form = Form::fresh(owned.member.texts);
    again(owned, form).await
}

async fn active(owned: &Owned) -> Result<Vec<Channel>, Refusal> {
    let path = format!("{}/notification-channels?limit=200", owned.api);
    let listed: Listed<Channel> = owned.member.door.get(&owned.member, &path).await?;
    Ok(listed.data.into_iter().filter(Channel::is_active).collect())
}

async fn again(owned: Owned, form: Form) -> Answer {
    let frame = Frame::of(&owned.member, owned.place()).await?;
    let receivers = active(&owned).await?;
    let Owned { base, team, .. } = owned;
    page(&Page { frame, base, team, form: form.clone(), receivers }, &form)
}

/// `POST …/channels/notify`
pub(super) async fn send(owned: Owned, posted: Posted) -> Answer {
    let mut body = json!({
        "title": posted.value("title"),
        "body": posted.value("body"),
        "severity": posted.value("severity"),
    });
    if !posted.trimmed("url").is_empty() {
        body["url"] = json!(posted.trimmed("url"));
    }
    let all = active(&owned).await?.len();
    let path = format!("{}/notification", owned.api);
    match owned.member.door.send(&owned.member, Method::POST, &path, body).await {
        Ok(answer) => {
            let sent = answer["deliveries"].as_array().map_or(0, Vec::len);
            let key = match sent {
                _ if sent < all => "notified_some",
                1 => "notified_one",
                _ => "notified",
            };
            Ok(go_saying(&owned.base, key, &[&sent.to_string(), &all.to_string()]))
        }
        Err(refusal) => {
            let form = Form::refused(owned.member.texts, "notify", posted, refusal);
            again(owned, form).await
        }
    }
}
