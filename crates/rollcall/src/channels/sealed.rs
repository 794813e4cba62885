//! What stands sealed in a channel's row: its values and its signing secret, each bound to its row and column.

use jiff::Timestamp;

use super::owner::Holder;
use crate::app::App;
use crate::db::{Error, Reader};
use crate::domain::channel::{Channel, Owner, State};
use crate::domain::channel_type::ChannelType;
use crate::domain::channel_value::ChannelValue;
use crate::domain::id::{ChannelId, OrganizationId};
use crate::domain::priority::Priority;

/// The columns of a channel, as [`read`] takes them.
pub(super) type Row =
    (ChannelId, i64, String, Vec<u8>, Option<Vec<u8>>, bool, Option<Timestamp>, Option<String>, Timestamp);

/// A channel of its columns.
pub(super) fn read(app: &App, holder: &Holder, row: Row) -> Result<Channel, Error> {
    let (channel_id, priority, kind, value, pending, enabled, verified_at, disabled_reason, created_at) = row;
    let foreign = |_| Error::Internal("a channel's row holds what no channel may".to_owned());
    let kind = ChannelType::parse(&kind).map_err(foreign)?;
    let open = |field, sealed: &[u8]| {
        let text = open(app, holder.organization_id, channel_id, field, sealed)?;
        ChannelValue::parse(kind, &text).map_err(foreign)
    };
    let value = open("value", &value)?;
    let state = match verified_at {
        None => State::Unverified { value },
        Some(verified_at) => {
            let pending = pending.map(|sealed| open("pending", &sealed)).transpose()?;
            State::Verified { value, verified_at, enabled, disabled_reason, pending }
        }
    };
    Ok(Channel {
        organization_id: holder.organization_id,
        channel_id,
        owner: holder.owner,
        priority: Priority::new(priority).map_err(foreign)?,
        kind,
        state,
        created_at,
    })
}

/// The secret that a webhook's messages are signed with.
pub(super) fn signing_secret(
    reader: &Reader<'_>,
    app: &App,
    channel: &Channel,
) -> Result<Option<String>, Error> {
    let (sealed,): (Option<Vec<u8>>,) = reader.fetch_one(
        "select secret_sealed from notification_channel where organization_id = $1 and channel_id = $2",
        (channel.organization_id, channel.channel_id),
    )?;
    sealed.map(|sealed| open(app, channel.organization_id, channel.channel_id, "secret", &sealed)).transpose()
}

/// What stands for a value where two are compared: it tells nothing without the key, nor across owners.
pub(super) fn digest(app: &App, owner: Owner, kind: ChannelType, value: &ChannelValue) -> [u8; 32] {
    let owner = owner.uuid();
    app.keys.digest("channel_value", &[owner.as_bytes(), kind.as_str().as_bytes(), value.key().as_bytes()])
}

/// Seals one of a channel's texts for its column.
pub(super) fn seal(app: &App, channel: &Channel, field: &'static str, text: &str) -> Vec<u8> {
    let context = context(channel.organization_id, channel.channel_id, field);
    app.keys.seal(&*app.entropy, &context, text.as_bytes())
}

fn open(
    app: &App,
    organization_id: OrganizationId,
    channel_id: ChannelId,
    field: &'static str,
    sealed: &[u8],
) -> Result<String, Error> {
    let opened = app.keys.open(&context(organization_id, channel_id, field), sealed);
    opened
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| Error::Internal(format!("the {field} of a channel cannot be opened: its key is gone")))
}

/// Binds a ciphertext to its row and column: moved anywhere else, it does not open.
fn context(organization_id: OrganizationId, channel_id: ChannelId, field: &str) -> String {
    format!("channel {organization_id} {channel_id} {field}")
}
