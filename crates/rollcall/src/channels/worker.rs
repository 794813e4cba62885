//! What the outbox's worker does to channels: its owner hears that one was switched off, and a chat that moved is followed.

use jiff::Timestamp;
use notify::Destination;

use super::owner::Holder;
use super::sealed::{self, Row};
use super::{reach, store};
use crate::access;
use crate::app::App;
use crate::db::{Error, Reader, Tx};
use crate::domain::channel::{Channel, Owner, State};
use crate::domain::id::{ChannelId, CustomerId, OrganizationId, TeamId};
use crate::messages::channel_disabled::{Disabled, disabled};
use crate::outbox::Owners;
use crate::outbox::post::{Letter, NOTICE_LIFETIME, post};

/// The hands of the worker.
#[must_use]
pub fn owners() -> Owners {
    Owners { disabled: tell, moved: follow }
}

/// Tells whoever owns the channel that it was switched off: of a team its managers and the organization's roots, each
/// by their most important active channel, or by mail to their username where they have none.
fn tell(
    tx: &Tx<'_>,
    app: &App,
    organization_id: OrganizationId,
    channel_id: ChannelId,
    now: Timestamp,
) -> Result<(), Error> {
    let Some((channel, holder)) = load(tx, app, organization_id, channel_id)? else { return Ok(()) };
    let State::Verified { disabled_reason, .. } = &channel.state else { return Ok(()) };
    let (organization,): (String,) =
        tx.fetch_one("select name from organization where organization_id = $1", (organization_id,))?;
    let message = disabled(
        app,
        &Disabled {
            kind: channel.kind,
            priority: channel.priority,
            value: &channel.value().masked(),
            team: holder.team.as_deref(),
            organization: &organization,
            reason: disabled_reason.as_deref().unwrap_or_default(),
        },
    );
    for (home, customer_id, address) in concerned(tx, organization_id, channel.owner)? {
        let next = reach::active(tx, app, home, Owner::Customer(customer_id))?.into_iter().next();
        let (receiver, by) = match next {
            Some(reached) => (reached.receiver, Some(reached.channel_id)),
            None => (Destination::Email(address), None),
        };
        let letter = Letter {
            organization_id: home,
            delivery_id: app.fresh_id(now),
            channel_id: by,
            customer_id: Some(customer_id),
            receiver,
            message: message.clone(),
            expires_at: now + NOTICE_LIFETIME,
        };
        post(tx, app, &letter, now)?;
    }
    Ok(())
}

/// Those who look after the owner's channels, each with their home organization and their username.
fn concerned(
    reader: &Reader<'_>,
    organization_id: OrganizationId,
    owner: Owner,
) -> Result<Vec<(OrganizationId, CustomerId, String)>, Error> {
    match owner {
        Owner::Customer(id) => reader.fetch_all(
            "select organization_id, customer_id, email from identity where customer_id = $1",
            (id,),
        ),
        Owner::Team(id) => reader.fetch_all(
            "select organization_id, customer_id, email from identity
             where customer_id in (
                 select customer_id from membership
                 where organization_id = $1 and team_id = $2 and role = 'manager')
                or customer_id in (select customer_id from customer where organization_id = $1 and root)
             order by customer_id",
            (organization_id, id),
        ),
    }
}

/// Keeps the new address of a chat. Where another channel of the owner has it already, nothing is changed.
fn follow(
    tx: &Tx<'_>,
    app: &App,
    organization_id: OrganizationId,
    channel_id: ChannelId,
    address: &str,
) -> Result<(), Error> {
    // What its owner does to the channel just now is not undone.
    access::hold(tx, organization_id)?;
    let Some((mut channel, holder)) = load(tx, app, organization_id, channel_id)? else { return Ok(()) };
    let moved = channel.follow(address);
    if moved && !store::is_duplicate(tx, app, &holder, channel.kind, channel.value(), channel_id)? {
        store::save(tx, app, &channel)?;
    }
    Ok(())
}

fn load(
    reader: &Reader<'_>,
    app: &App,
    organization_id: OrganizationId,
    channel_id: ChannelId,
) -> Result<Option<(Channel, Holder)>, Error> {
    let owner: Option<(Option<CustomerId>, Option<TeamId>, Option<String>)> = reader.fetch_optional(
        "select channel.customer_id, channel.team_id, team.name
         from notification_channel channel
         left join team on team.organization_id = channel.organization_id and team.team_id = channel.team_id
         where channel.organization_id = $1 and channel.channel_id = $2",
        (organization_id, channel_id),
    )?;
    let (owner, team) = match owner {
        Some((Some(id), ..)) => (Owner::Customer(id), None),
        Some((None, Some(id), name)) => (Owner::Team(id), name),
        _ => return Ok(None),
    };
    let holder = Holder { organization_id, owner, team, secrets: true };
    let row: Row = reader.fetch_one(
        "select channel_id, priority, type, value_sealed, pending_sealed, enabled, verified_at, disabled_reason,
                created_at
         from notification_channel where organization_id = $1 and channel_id = $2",
        (organization_id, channel_id),
    )?;
    Ok(Some((sealed::read(app, &holder, row)?, holder)))
}
