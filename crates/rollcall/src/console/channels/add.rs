//! Adding a channel: which type, then what that type needs.

use askama::Template;
use http::Method;
use serde_json::json;

use super::owner::Owned;
use super::types::{self, Type};
use crate::console::door::Refusal;
use crate::console::forms::{Form, Posted};
use crate::console::frame::{Answer, Frame, go_saying, html, page};
use crate::console::teams::find::Team;

#[derive(Template)]
#[template(path = "channel_types.html")]
struct Picker {
    frame: Frame,
    base: String,
    team: Option<Team>,
    types: Vec<Type>,
}

#[derive(Template)]
#[template(path = "channel_add.html")]
struct Page {
    frame: Frame,
    base: String,
    team: Option<Team>,
    form: Form,
    wanted: Type,
    email: String,
}

#[derive(Template)]
#[template(path = "channel_secret.html")]
struct Secret {
    frame: Frame,
    base: String,
    team: Option<Team>,
    priority: u64,
    shown_once: String,
}

/// `GET …/channels/add`
pub(super) async fn pick(owned: Owned) -> Answer {
    let frame = Frame::of(&owned.member, owned.place()).await?;
    let mut types = types::all(&owned.member).await?;
    types.retain(|known| known.available);
    html(&Picker { frame, base: owned.base, team: owned.team, types })
}

/// `GET …/channels/add/{type}`
pub(super) async fn show(owned: Owned) -> Answer {
    let wanted = types::one(&owned.member, &owned.kind).await?;
    let form = Form::fresh(owned.member.texts);
    again(owned, wanted, form).await
}

async fn again(owned: Owned, wanted: Type, form: Form) -> Answer {
    let frame = Frame::of(&owned.member, owned.place()).await?;
    // One's own address is the likeliest first channel.
    let own = frame.person.as_ref().filter(|_| owned.team.is_none() && wanted.kind == "email");
    let email = own.map(|person| person.email.clone()).unwrap_or_default();
    page(&Page { frame, base: owned.base, team: owned.team, form: form.clone(), wanted, email }, &form)
}

/// `POST …/channels/add/{type}`
pub(super) async fn add(owned: Owned, posted: Posted) -> Answer {
    let wanted = types::one(&owned.member, &owned.kind).await?;
    let body = json!({"type": wanted.kind, "value": wanted.value(&posted)});
    let path = format!("{}/notification-channel", owned.api);
    match owned.member.door.send(&owned.member, Method::POST, &path, body).await {
        Ok(answer) => {
            let priority =
                answer["notification_channel"]["priority"].as_u64().ok_or_else(Refusal::internal)?;
            if let Some(secret) = answer["signing_secret"].as_str() {
                let frame = Frame::of(&owned.member, owned.place()).await?;
                let shown_once = secret.to_owned();
                return html(&Secret { frame, base: owned.base, team: owned.team, priority, shown_once });
            }
            Ok(go_saying(&format!("{}/{priority}", owned.base), "channel_added", &[]))
        }
        Err(refusal) => {
            let refusal = wanted.of_fields(refusal);
            let form = Form::refused(owned.member.texts, "add", posted, refusal);
            again(owned, wanted, form).await
        }
    }
}
