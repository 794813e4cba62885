//! Invitations end with their sender's right to invite, and forget whom they named once that customer has left.

use crate::db::{Error, Reader, Tx};
use crate::domain::id::{CustomerId, InvitationId, OrganizationId};
use crate::invitations::view::FORMER_MEMBER;

/// Withdraws what a customer invited in an organization wherever they are neither its root nor manager of the team now.
pub(crate) fn withdraw_of_sender(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    sender_id: CustomerId,
) -> Result<(), Error> {
    tx.execute(
        "update invitation set status = 'withdrawn'
         where organization_id = $1 and sender_id = $2 and status = 'pending'
           and not exists (select 1 from customer
                           where customer.organization_id = $1 and customer.customer_id = $2 and customer.root)
           and not exists (select 1 from membership
                           where membership.organization_id = $1 and membership.customer_id = $2
                             and membership.team_id = invitation.team_id and membership.role = 'manager')",
        (organization_id, sender_id),
    )?;
    Ok(())
}

/// The invitations to a customer's address, and those that the customer accepted. Ask before they are forgotten.
pub(crate) fn of_invited(
    reader: &Reader<'_>,
    customer_id: CustomerId,
    email_key: &str,
) -> Result<Vec<InvitationId>, Error> {
    let rows: Vec<(InvitationId,)> = reader.fetch_all(
        "select invitation_id from invitation where accepted_by = $1
         union select invitation_id from invitation where channel_type = 'email' and channel_key = $2",
        (customer_id, email_key),
    )?;
    Ok(rows.into_iter().map(|(invitation_id,)| invitation_id).collect())
}

/// Takes a customer's address out of every invitation that names it, those that wait are withdrawn and their messages not sent, and whatever address or number
/// stands in those that the customer accepted.
pub(crate) fn forget_invited(tx: &Tx<'_>, customer_id: CustomerId, email_key: &str) -> Result<(), Error> {
    tx.execute(
        "delete from outbox where delivery_id in (
           select delivery_id from invitation where channel_type = 'email' and channel_key = $1)",
        (email_key,),
    )?;
    tx.execute(
        "update invitation
         set channel = $2, channel_key = '', status = case when status = 'pending' then 'withdrawn' else status end
         where channel_type = 'email' and channel_key = $1",
        (email_key, FORMER_MEMBER),
    )?;
    tx.execute(
        "update invitation set channel = $2, channel_key = '' where accepted_by = $1",
        (customer_id, FORMER_MEMBER),
    )?;
    Ok(())
}
