//! The SQL of leaving: every row of a person, and of an organization that nobody is left in.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::db::{Error, Reader, Tx};
use crate::domain::id::{CustomerId, DeliveryId, OrganizationId, TeamId};
use crate::http::caller::Caller;
use crate::sessions;

/// The organizations in whose teams the caller is.
pub(in crate::customers) fn guest_of(
    reader: &Reader<'_>,
    caller: &Caller,
) -> Result<BTreeSet<OrganizationId>, Error> {
    let rows: Vec<(OrganizationId,)> = reader.fetch_all(
        "select distinct organization_id from membership where customer_id = $1",
        (caller.customer_id,),
    )?;
    Ok(rows.into_iter().map(|(organization_id,)| organization_id).collect())
}

/// The organizations in which a message names the caller that waits or could be tried again, left ones among them.
pub(in crate::customers) fn named_in(
    reader: &Reader<'_>,
    caller: &Caller,
) -> Result<BTreeSet<OrganizationId>, Error> {
    let rows: Vec<(OrganizationId,)> = reader.fetch_all(
        "select organization_id from outbox where customer_id = $1
         union select organization_id from delivery where sender_id = $1 and message_sealed is not null",
        (caller.customer_id,),
    )?;
    Ok(rows.into_iter().map(|(organization_id,)| organization_id).collect())
}

/// How many other customers the home organization has, and how many of them are roots. Take its lock first.
pub(in crate::customers) fn others(reader: &Reader<'_>, caller: &Caller) -> Result<(i64, i64), Error> {
    reader.fetch_one(
        "select count(*), count(*) filter (where root) from customer
         where organization_id = $1 and customer_id <> $2",
        (caller.organization_id, caller.customer_id),
    )
}

/// The caller's address, as it was typed and folded.
pub(in crate::customers) fn address(reader: &Reader<'_>, caller: &Caller) -> Result<(String, String), Error> {
    reader.fetch_one(
        "select email, email_key from identity where organization_id = $1 and customer_id = $2",
        (caller.organization_id, caller.customer_id),
    )
}

/// The caller's name, as an organization is named after its founder.
pub(in crate::customers) fn full_name(reader: &Reader<'_>, caller: &Caller) -> Result<String, Error> {
    let (name, surname): (String, String) = reader.fetch_one(
        "select name, surname from identity where organization_id = $1 and customer_id = $2",
        (caller.organization_id, caller.customer_id),
    )?;
    Ok(format!("{name} {surname}"))
}

/// Names an organization that is still named after who has left after the root who is there longest.
pub(in crate::customers) fn rename_after_another(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    full_name: &str,
) -> Result<(), Error> {
    tx.execute(
        "update organization
         set name = (select identity.name || ' ' || identity.surname from customer
                     join identity on identity.organization_id = customer.organization_id
                          and identity.customer_id = customer.customer_id
                     where customer.organization_id = $1 and customer.root
                     order by identity.created_at, identity.customer_id limit 1)
         where organization_id = $1 and name = $2",
        (organization_id, full_name),
    )?;
    Ok(())
}

/// The teams of an organization.
pub(in crate::customers) fn teams(
    reader: &Reader<'_>,
    organization_id: OrganizationId,
) -> Result<Vec<TeamId>, Error> {
    let rows: Vec<(TeamId,)> =
        reader.fetch_all("select team_id from team where organization_id = $1", (organization_id,))?;
    Ok(rows.into_iter().map(|(team_id,)| team_id).collect())
}

/// Deletes the messages that wait anywhere and name the caller; those to channels have failed then. What had failed before
/// cannot be tried again: it names the caller too.
pub(in crate::customers) fn delete_waiting(
    tx: &Tx<'_>,
    customer_id: CustomerId,
    now: Timestamp,
) -> Result<(), Error> {
    let waiting: Vec<(OrganizationId, DeliveryId)> = tx.fetch_all(
        "delete from outbox where customer_id = $1 returning organization_id, delivery_id",
        (customer_id,),
    )?;
    for (organization_id, delivery_id) in waiting {
        tx.execute(
            "update delivery set status = 'failed', finished_at = $3
             where organization_id = $1 and delivery_id = $2",
            (organization_id, delivery_id, now),
        )?;
    }
    tx.execute(
        "update delivery set message_sealed = null where sender_id = $1 and message_sealed is not null",
        (customer_id,),
    )?;
    Ok(())
}

/// Deletes what the built-in mailbox holds that names the caller, or went to the caller's address and channels.
pub(in crate::customers) fn delete_messages(tx: &Tx<'_>, caller: &Caller, email: &str) -> Result<(), Error> {
    let (organization_id, customer_id) = (caller.organization_id, caller.customer_id);
    tx.execute(
        "delete from mailbox_message where customer_id = $1 or (recipient = $2 and transport = 'email')",
        (customer_id, email),
    )?;
    tx.execute(
        "delete from mailbox_message where message_id in (
           select delivery.delivery_id from notification_channel
           join delivery on delivery.organization_id = notification_channel.organization_id
                and delivery.channel_id = notification_channel.channel_id
           where notification_channel.organization_id = $1 and notification_channel.customer_id = $2)",
        (organization_id, customer_id),
    )?;
    Ok(())
}

/// Voids the caller's codes, whatever they are for.
pub(in crate::customers) fn delete_codes(tx: &Tx<'_>, caller: &Caller) -> Result<(), Error> {
    tx.execute(
        "delete from one_time_code where organization_id = $1 and purpose in ('username', 'password') and subject = $2",
        (caller.organization_id, caller.customer_id.to_string()),
    )?;
    Ok(())
}

/// Deletes the caller's memberships everywhere, and the customer with sessions, tokens and kept answers. The identity
/// stays until what names it has been dealt with.
pub(in crate::customers) fn delete_customer(tx: &Tx<'_>, caller: &Caller) -> Result<(), Error> {
    sessions::store::end_all(tx, caller.organization_id, caller.customer_id)?;
    tx.execute("delete from membership where customer_id = $1", (caller.customer_id,))?;
    tx.execute(
        "delete from customer where organization_id = $1 and customer_id = $2",
        (caller.organization_id, caller.customer_id),
    )?;
    Ok(())
}

/// Deletes who the caller was.
pub(in crate::customers) fn delete_identity(tx: &Tx<'_>, caller: &Caller) -> Result<(), Error> {
    tx.execute(
        "delete from identity where organization_id = $1 and customer_id = $2",
        (caller.organization_id, caller.customer_id),
    )?;
    Ok(())
}

/// Deletes an organization with everything in it but its channels, which are deleted before. Its audit log stays.
pub(in crate::customers) fn delete_organization(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
) -> Result<(), Error> {
    tx.execute("delete from outbox where organization_id = $1", (organization_id,))?;
    tx.execute("delete from one_time_code where organization_id = $1", (organization_id,))?;
    // A team that owns services cannot be deleted.
    tx.execute("delete from service where organization_id = $1", (organization_id,))?;
    tx.execute("delete from invitation_token where organization_id = $1", (organization_id,))?;
    tx.execute("delete from directory where organization_id = $1", (organization_id,))?;
    tx.execute("delete from organization where organization_id = $1", (organization_id,))?;
    Ok(())
}
