//! Inviting somebody to a team, reminding them, taking it back, and a link to hand over.

use axum::extract::Path;
use http::Method;
use serde_json::json;
use uuid::Uuid;

use super::people::{again, refused};
use crate::console::door::Refusal;
use crate::console::forms::{Form, Posted};
use crate::console::frame::{Answer, go_saying};
use crate::console::visit::Member;

/// `POST /teams/{team}/invite`
pub(super) async fn invite(member: Member, Path(team): Path<Uuid>, posted: Posted) -> Answer {
    let to = posted.trimmed("channel_value");
    let body = json!({
        "channel_value": to,
        "channel_type": posted.value("channel_type"),
        "role": posted.value("role"),
    });
    match member.door.send(&member, Method::POST, &format!("/v1/team/{team}/invitation"), body).await {
        Ok(_) => Ok(go_saying(&format!("/teams/{team}"), "invited", &[to])),
        Err(refusal) => refused(&member, team, "invite", posted, refusal).await,
    }
}

/// `POST /teams/{team}/invitations/remind`
pub(super) async fn remind(member: Member, Path(team): Path<Uuid>, posted: Posted) -> Answer {
    let to = posted.value("channel_value");
    let path = format!("/v1/team/{team}/invitation/reminder");
    match member.door.send(&member, Method::POST, &path, json!({"channel_value": to})).await {
        Ok(_) => Ok(go_saying(&format!("/teams/{team}#invitations"), "reminded", &[to])),
        Err(refusal) => refused(&member, team, "invitation", posted, refusal).await,
    }
}

/// `POST /teams/{team}/invitations/withdraw`
pub(super) async fn withdraw(member: Member, Path(team): Path<Uuid>, posted: Posted) -> Answer {
    let to = posted.value("channel_value");
    let path = format!("/v1/team/{team}/invitation");
    match member.door.send(&member, Method::DELETE, &path, json!({"channel_value": to})).await {
        Ok(_) => Ok(go_saying(&format!("/teams/{team}#invitations"), "withdrawn", &[to])),
        Err(refusal) => refused(&member, team, "invitation", posted, refusal).await,
    }
}

/// `POST /teams/{team}/invitations/link`: the link is shown once, on the page that answers.
pub(super) async fn link(member: Member, Path(team): Path<Uuid>, posted: Posted) -> Answer {
    let to = posted.value("channel_value").to_owned();
    let path = format!("/v1/team/{team}/invitation/link");
    match member.door.send(&member, Method::POST, &path, json!({"channel_value": to})).await {
        Ok(answer) => {
            let link = answer["link"].as_str().ok_or_else(Refusal::internal)?.to_owned();
            again(&member, team, Form::fresh(member.texts), Some((to, link))).await
        }
        Err(refusal) => refused(&member, team, "invitation", posted, refusal).await,
    }
}
