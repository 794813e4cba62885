//! By what somebody is reached: the active channels of a person or a team, as receivers of messages.

use notify::Destination;

use super::destination::receiver;
use super::owner::Holder;
use super::sealed::{self, Row};
use crate::app::App;
use crate::db::{Error, Reader};
use crate::domain::channel::Owner;
use crate::domain::channel_type::ChannelType;
use crate::domain::id::{ChannelId, OrganizationId};
use crate::domain::priority::Priority;

/// A channel that is verified and enabled.
pub(crate) struct Reached {
    pub(crate) channel_id: ChannelId,
    pub(crate) priority: Priority,
    pub(crate) kind: ChannelType,
    pub(crate) receiver: Destination,
}

/// The active channels of an owner, the most important first.
pub(crate) fn active(
    reader: &Reader<'_>,
    app: &App,
    organization_id: OrganizationId,
    owner: Owner,
) -> Result<Vec<Reached>, Error> {
    let holder = Holder { organization_id, owner, team: None, secrets: true };
    let rows: Vec<Row> = reader.fetch_all(
        "select channel_id, priority, type, value_sealed, pending_sealed, enabled, verified_at, disabled_reason,
                created_at
         from notification_channel
         where organization_id = $1 and owner_id = $2 and enabled and verified_at is not null
         order by priority",
        (organization_id, owner.uuid()),
    )?;
    let reached = rows.into_iter().map(|row| {
        let channel = sealed::read(app, &holder, row)?;
        let secret = sealed::signing_secret(reader, app, &channel)?;
        Ok(Reached {
            channel_id: channel.channel_id,
            priority: channel.priority,
            kind: channel.kind,
            receiver: receiver(channel.kind, channel.value(), secret),
        })
    });
    reached.collect()
}

/// How many active channels an owner has.
pub(super) fn count(reader: &Reader<'_>, holder: &Holder) -> Result<i64, Error> {
    let (count,) = reader.fetch_one(
        "select count(*) from notification_channel where organization_id = $1 and owner_id = $2 and enabled",
        (holder.organization_id, holder.owner.uuid()),
    )?;
    Ok(count)
}

/// What is added to the answer when the last active channel of an owner goes.
pub(super) fn nobody_left(holder: &Holder) -> String {
    match &holder.team {
        None => {
            " You have no active channel left: nothing reaches you until you verify or enable one.".to_owned()
        }
        Some(team) => format!(
            " The team {team} has no active channel left: nothing reaches it until one is verified or enabled."
        ),
    }
}
