//! A notification channel as clients see it.

use serde::Serialize;
use utoipa::ToSchema;

use super::owner::Holder;
use super::progress;
use crate::db::{Error, Reader};
use crate::domain::channel::{Channel, State, Status};
use crate::domain::channel_type::ChannelType;
use crate::domain::channel_value::ChannelValue;
use crate::domain::id::DeliveryId;
use crate::domain::priority::Priority;
use crate::http::moment::Moment;

/// A notification channel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NotificationChannel)]
pub struct ChannelView {
    priority: Priority,
    #[serde(rename = "type")]
    kind: ChannelType,
    /// Where messages go. The secret part of a URL is masked by `…` for those who may not change the channel.
    value: String,
    /// The value that takes over once its code is confirmed.
    pending_value: Option<String>,
    /// `pending` until it is verified for the first time.
    status: Status,
    /// Whether messages are sent there.
    enabled: bool,
    /// Whether `value` was proved by a code.
    verified: bool,
    /// Why the service itself switched the channel off.
    disabled_reason: Option<String>,
    /// When it was added.
    created_at: Moment,
    /// When `value` was proved.
    verified_at: Option<Moment>,
    /// The newest message to it.
    last_delivery: Option<LastDelivery>,
}

/// The newest message to a channel.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LastDelivery {
    /// The message's id, which receivers see as well.
    pub(super) delivery_id: DeliveryId,
    /// What was sent: `verification`, `test`, `notification` or `disabled`.
    pub(super) kind: String,
    /// `queued`, `delivered` or `failed`.
    pub(super) status: String,
    /// When it ended, or when it was queued.
    pub(super) at: Moment,
}

/// A channel after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelChanged {
    /// What was done, for people.
    pub(super) message: String,
    /// The channel as it now is.
    pub(super) notification_channel: ChannelView,
}

/// Shows a channel to the caller for whom the owner was loaded.
pub(super) fn show(channel: &Channel, holder: &Holder, last_delivery: Option<LastDelivery>) -> ChannelView {
    let text = |value: &ChannelValue| {
        if holder.secrets { value.as_str().to_owned() } else { value.masked() }
    };
    let (enabled, verified_at, disabled_reason) = match &channel.state {
        State::Unverified { .. } => (false, None, None),
        State::Verified { enabled, verified_at, disabled_reason, .. } => {
            (*enabled, Some(*verified_at), disabled_reason.clone())
        }
    };
    ChannelView {
        priority: channel.priority,
        kind: channel.kind,
        value: text(channel.value()),
        pending_value: channel.pending().map(text),
        status: channel.status(),
        enabled,
        verified: verified_at.is_some(),
        disabled_reason,
        created_at: channel.created_at.into(),
        verified_at: verified_at.map(Moment::from),
        last_delivery,
    }
}

/// The same, with its newest delivery looked up.
pub(super) fn load(reader: &Reader<'_>, channel: &Channel, holder: &Holder) -> Result<ChannelView, Error> {
    let last = progress::last_delivery(reader, channel)?
        .map(|(delivery_id, kind, status, at)| LastDelivery { delivery_id, kind, status, at: at.into() });
    Ok(show(channel, holder, last))
}
