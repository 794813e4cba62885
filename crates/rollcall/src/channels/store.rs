//! The SQL of commands on channels. Values and secrets are sealed to their row and column.

use jiff::Timestamp;

use super::owner::Holder;
use super::sealed::{Row, digest, read, seal};
use crate::app::App;
use crate::db::{Error, Reader, Tx};
use crate::domain::channel::{Channel, Owner, State};
use crate::domain::channel_type::ChannelType;
use crate::domain::channel_value::ChannelValue;
use crate::domain::id::{ChannelId, OrganizationId};
use crate::domain::one_time_code::Purpose;
use crate::domain::priority::Priority;
use crate::http::caller::Caller;
use crate::messages::channel::Asked;
use crate::problem::{Code, Problem};

/// The channel that the caller has named, taken for this command: whoever else wants to change it waits, so that what
/// was judged is what is saved.
///
/// # Errors
/// 404 where the owner has no such channel.
pub(super) fn take(tx: &Tx<'_>, app: &App, holder: &Holder, priority: Priority) -> Result<Channel, Problem> {
    let row: Option<Row> = tx.fetch_optional(
        "update notification_channel set version = version + 1
         where organization_id = $1 and owner_id = $2 and priority = $3
         returning channel_id, priority, type, value_sealed, pending_sealed, enabled, verified_at, disabled_reason,
                   created_at",
        (holder.organization_id, holder.owner.uuid(), priority.get()),
    )?;
    Ok(read(app, holder, row.ok_or_else(|| unknown(&[priority]))?)?)
}

/// The id of the channel that the caller has named.
///
/// # Errors
/// 404 where the owner has no such channel.
pub(super) fn named_id(
    reader: &Reader<'_>,
    holder: &Holder,
    priority: Priority,
) -> Result<ChannelId, Problem> {
    let found: Option<(ChannelId,)> = reader.fetch_optional(
        "select channel_id from notification_channel
         where organization_id = $1 and owner_id = $2 and priority = $3",
        (holder.organization_id, holder.owner.uuid(), priority.get()),
    )?;
    found.map(|(channel_id,)| channel_id).ok_or_else(|| unknown(&[priority]))
}

/// 404 that says which priorities no channel has.
pub(super) fn unknown(priorities: &[Priority]) -> Problem {
    let numbers: Vec<_> = priorities.iter().map(|priority| priority.get().to_string()).collect();
    Problem::because(Code::NotFound, format!("There is no channel with priority {}.", numbers.join(", ")))
}

/// Every channel of the owner, by priority.
pub(super) fn all(reader: &Reader<'_>, app: &App, holder: &Holder) -> Result<Vec<Channel>, Error> {
    let rows: Vec<Row> = reader.fetch_all(
        "select channel_id, priority, type, value_sealed, pending_sealed, enabled, verified_at, disabled_reason,
                created_at
         from notification_channel where organization_id = $1 and owner_id = $2 order by priority",
        (holder.organization_id, holder.owner.uuid()),
    )?;
    rows.into_iter().map(|row| read(app, holder, row)).collect()
}

/// Adds a channel, with its signing secret where it is a webhook.
pub(super) fn insert(tx: &Tx<'_>, app: &App, channel: &Channel, secret: Option<&str>) -> Result<(), Error> {
    let (customer_id, team_id) = match channel.owner {
        Owner::Customer(id) => (Some(id), None),
        Owner::Team(id) => (None, Some(id)),
    };
    tx.execute(
        "insert into notification_channel (organization_id, channel_id, owner_id, customer_id, team_id, priority,
                                           type, value_sealed, value_digest, secret_sealed, enabled, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        (
            channel.organization_id,
            channel.channel_id,
            channel.owner.uuid(),
            customer_id,
            team_id,
            channel.priority.get(),
            channel.kind.as_str(),
            seal(app, channel, "value", channel.value().as_str()),
            digest(app, channel.owner, channel.kind, channel.value()),
            secret.map(|secret| seal(app, channel, "secret", secret)),
            false,
            channel.created_at,
        ),
    )?;
    Ok(())
}

/// Keeps the state of a channel.
pub(super) fn save(tx: &Tx<'_>, app: &App, channel: &Channel) -> Result<(), Error> {
    let (enabled, verified_at, reason) = match &channel.state {
        State::Unverified { .. } => (false, None, None),
        State::Verified { verified_at, enabled, disabled_reason, .. } => {
            (*enabled, Some(*verified_at), disabled_reason.as_deref())
        }
    };
    let pending = channel.pending();
    tx.execute(
        "update notification_channel
         set value_sealed = $3, value_digest = $4, pending_sealed = $5, pending_digest = $6, enabled = $7,
             verified_at = $8, disabled_reason = $9
         where organization_id = $1 and channel_id = $2",
        (
            channel.organization_id,
            channel.channel_id,
            seal(app, channel, "value", channel.value().as_str()),
            digest(app, channel.owner, channel.kind, channel.value()),
            pending.map(|value| seal(app, channel, "pending", value.as_str())),
            pending.map(|value| digest(app, channel.owner, channel.kind, value)),
            enabled,
            verified_at,
            reason,
        ),
    )?;
    Ok(())
}

/// Begins anew to watch whether anything arrives: what failed before says nothing of a new value or of a mended receiver.
pub(super) fn forgive(tx: &Tx<'_>, channel: &Channel) -> Result<(), Error> {
    tx.execute(
        "update notification_channel set failing_since = null where organization_id = $1 and channel_id = $2",
        (channel.organization_id, channel.channel_id),
    )?;
    Ok(())
}

/// Whether another channel of the owner has the value, or waits for it.
pub(super) fn is_duplicate(
    reader: &Reader<'_>,
    app: &App,
    holder: &Holder,
    kind: ChannelType,
    value: &ChannelValue,
    except: ChannelId,
) -> Result<bool, Error> {
    let found: Option<(i64,)> = reader.fetch_optional(
        "select 1 from notification_channel
         where organization_id = $1 and owner_id = $2 and type = $3
           and (value_digest = $4 or pending_digest = $4) and channel_id <> $5 limit 1",
        (
            holder.organization_id,
            holder.owner.uuid(),
            kind.as_str(),
            digest(app, holder.owner, kind, value),
            except,
        ),
    )?;
    Ok(found.is_some())
}

/// The priorities that the owner's channels have.
pub(super) fn taken(reader: &Reader<'_>, holder: &Holder) -> Result<Vec<Priority>, Error> {
    let rows: Vec<(i64,)> = reader.fetch_all(
        "select priority from notification_channel where organization_id = $1 and owner_id = $2 order by priority",
        (holder.organization_id, holder.owner.uuid()),
    )?;
    Ok(rows.into_iter().filter_map(|(number,)| Priority::new(number).ok()).collect())
}

/// Gives channels new numbers. In two steps: on the way to their new places they must not meet on one.
pub(super) fn renumber(tx: &Tx<'_>, holder: &Holder, changes: &[(Priority, Priority)]) -> Result<(), Error> {
    let (organization_id, owner) = (holder.organization_id, holder.owner.uuid());
    for (old, new) in changes {
        tx.execute(
            "update notification_channel set priority = $4, version = version + 1
             where organization_id = $1 and owner_id = $2 and priority = $3",
            (organization_id, owner, old.get(), -new.get()),
        )?;
    }
    tx.execute(
        "update notification_channel set priority = -priority
         where organization_id = $1 and owner_id = $2 and priority < 0",
        (organization_id, owner),
    )?;
    Ok(())
}

/// Deletes a channel with its log, its code, and what still waits for it in the outbox. Gives its id if it was there.
pub(super) fn delete(tx: &Tx<'_>, holder: &Holder, priority: Priority) -> Result<Option<ChannelId>, Problem> {
    let organization_id = holder.organization_id;
    let found: Option<(ChannelId,)> = tx.fetch_optional(
        "select channel_id from notification_channel
         where organization_id = $1 and owner_id = $2 and priority = $3",
        (organization_id, holder.owner.uuid(), priority.get()),
    )?;
    let Some((channel_id,)) = found else { return Ok(None) };
    delete_one(tx, organization_id, channel_id)?;
    Ok(Some(channel_id))
}

/// Deletes every channel of an owner who goes, in the same way.
pub(crate) fn delete_all(tx: &Tx<'_>, organization_id: OrganizationId, owner: Owner) -> Result<(), Error> {
    let channels: Vec<(ChannelId,)> = tx.fetch_all(
        "select channel_id from notification_channel where organization_id = $1 and owner_id = $2",
        (organization_id, owner.uuid()),
    )?;
    channels.into_iter().try_for_each(|(channel_id,)| delete_one(tx, organization_id, channel_id))
}

fn delete_one(tx: &Tx<'_>, organization_id: OrganizationId, channel_id: ChannelId) -> Result<(), Error> {
    tx.execute(
        "delete from outbox where delivery_id in (
           select delivery_id from delivery
           where organization_id = $1 and channel_id = $2 and status = 'queued')",
        (organization_id, channel_id),
    )?;
    tx.execute(
        "delete from one_time_code where organization_id = $1 and purpose = $2 and subject = $3",
        (organization_id, Purpose::Channel.as_str(), channel_id.to_string()),
    )?;
    tx.execute(
        "delete from notification_channel where organization_id = $1 and channel_id = $2",
        (organization_id, channel_id),
    )?;
    Ok(())
}

/// Takes back the codes of a channel that have not gone out yet: they are void.
pub(super) fn drop_codes(tx: &Tx<'_>, channel: &Channel, now: Timestamp) -> Result<(), Error> {
    let (organization_id, channel_id) = (channel.organization_id, channel.channel_id);
    tx.execute(
        "delete from outbox where delivery_id in (
           select delivery_id from delivery
           where organization_id = $1 and channel_id = $2 and status = 'queued' and kind = 'verification')",
        (organization_id, channel_id),
    )?;
    tx.execute(
        "update delivery set status = 'failed', finished_at = $3
         where organization_id = $1 and channel_id = $2 and status = 'queued' and kind = 'verification'",
        (organization_id, channel_id, now),
    )?;
    Ok(())
}

/// How many channels the organization has, its customers' own included.
pub(super) fn count(reader: &Reader<'_>, organization_id: OrganizationId) -> Result<i64, Error> {
    let (count,) = reader.fetch_one(
        "select count(*) from notification_channel where organization_id = $1",
        (organization_id,),
    )?;
    Ok(count)
}

/// Who asks, as the receivers of messages read it.
pub(crate) fn asked(reader: &Reader<'_>, holder: &Holder, caller: &Caller) -> Result<Asked, Error> {
    let (organization, name, surname): (String, String, String) = reader.fetch_one(
        "select organization.name, identity.name, identity.surname from organization, identity
         where organization.organization_id = $1 and identity.customer_id = $2",
        (holder.organization_id, caller.customer_id),
    )?;
    Ok(Asked { person: format!("{name} {surname}"), team: holder.team.clone(), organization })
}
