//! Another value for a channel; the old one goes on until the new one is proved.

use http::Method;
use serde_json::json;

use super::owner::Owned;
use super::show::refused;
use super::types;
use super::view::Channel;
use crate::console::door::{Listed, Refusal};
use crate::console::forms::Posted;
use crate::console::frame::{Answer, go_saying};

/// `POST …/{priority}/value`
pub(super) async fn change(owned: Owned, posted: Posted) -> Answer {
    let path = format!("{}/notification-channels?limit=200", owned.api);
    let listed: Listed<Channel> = owned.member.door.get(&owned.member, &path).await?;
    let channel = listed.data.iter().find(|channel| channel.priority == owned.priority);
    let kind = types::one(&owned.member, &channel.ok_or_else(Refusal::not_found)?.kind).await?;
    let body = json!({"value": kind.value(&posted), "priority": owned.priority});
    let path = format!("{}/notification-channel", owned.api);
    match owned.member.door.send(&owned.member, Method::PUT, &path, body).await {
        Ok(answer) => {
            let channel = &answer["notification_channel"];
            let waits = channel["verified"] != true || channel["pending_value"].is_string();
            let key = if waits { "channel_changed" } else { "channel_same" };
            Ok(go_saying(&owned.page(), key, &[]))
        }
        Err(refusal) => refused(owned, "value", posted, kind.of_fields(refusal)).await,
    }
}
