//! The SQL of commands on invitations.

pub(crate) mod lapse;

use jiff::Timestamp;

use super::view::Stored;
use crate::access::{self, Ground, Team};
use crate::db::{Error, Reader, Tx};
use crate::domain::id::{CustomerId, DeliveryId, InvitationId, OrganizationId, TeamId};
use crate::domain::invitation::{InvitationChannel, InvitedAddress, LIFETIME, Status};
use crate::domain::role::InvitedRole;
use crate::domain::token::Token;

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It went to the invited address, and so proves it.
    Sent,
    /// It is handed over by other means, and proves no address.
    HandedOver,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::HandedOver => "handed_over",
        }
    }
}

/// An invitation as the holder of a link finds it.
#[derive(Debug, Clone)]
pub(crate) struct Linked {
    pub(crate) organization_id: OrganizationId,
    pub(crate) organization_name: String,
    pub(crate) team_id: TeamId,
    pub(crate) team_name: String,
    pub(crate) purpose: Purpose,
    pub(crate) channel_key: String,
    replaced: bool,
    pub(crate) stored: Stored,
}

impl Linked {
    /// What the link can still do; a newer one of its purpose has taken its place.
    pub(crate) fn status(&self, now: Timestamp) -> Status {
        if self.replaced { Status::Withdrawn } else { self.stored.status(now) }
    }
}

/// The columns of a [`Stored`] invitation.
pub(super) type Columns = (
    InvitationId,
    String,
    String,
    String,
    Option<CustomerId>,
    Option<String>,
    Option<String>,
    String,
    Timestamp,
    Option<Timestamp>,
    Timestamp,
);

/// Reads the columns.
pub(super) fn stored(columns: Columns) -> Stored {
    let (
        invitation_id,
        channel,
        kind,
        role,
        sender_id,
        name,
        surname,
        status,
        created_at,
        reminded_at,
        expires_at,
    ) = columns;
    let sender = match (sender_id, name, surname) {
        (Some(id), Some(name), Some(surname)) => Some((id, name, surname)),
        _ => None,
    };
    Stored {
        invitation_id,
        channel,
        channel_type: if kind == "sms" { InvitationChannel::Sms } else { InvitationChannel::Email },
        role: if role == "manager" { InvitedRole::Manager } else { InvitedRole::User },
        sender,
        status,
        created_at,
        reminded_at,
        expires_at,
    }
}

/// Adds an invitation; one for the same address whose time is over gives way.
pub(super) fn insert(
    tx: &Tx<'_>,
    team: &Team,
    invitation_id: InvitationId,
    address: &InvitedAddress,
    role: InvitedRole,
    sender: CustomerId,
    now: Timestamp,
) -> Result<(), Error> {
    let (kind, key) = (address.channel().as_str(), address.key());
    tx.execute(
        "update invitation set status = 'withdrawn'
         where organization_id = $1 and team_id = $2 and channel_type = $3 and channel_key = $4
           and status = 'pending' and expires_at <= $5",
        (team.organization_id, team.team_id, kind, &key, now),
    )?;
    tx.execute(
        "insert into invitation (organization_id, invitation_id, team_id, channel_type, channel, channel_key, role,
                                 sender_id, status, expires_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', $9, $10)",
        (
            team.organization_id,
            invitation_id,
            team.team_id,
            kind,
            address.as_str(),
            &key,
            role.as_str(),
            sender,
            now + LIFETIME,
            now,
        ),
    )?;
    Ok(())
}

/// The open or expired invitation of an address to a team.
pub(super) fn find(
    reader: &Reader<'_>,
    team: &Team,
    address: &InvitedAddress,
) -> Result<Option<Stored>, Error> {
    let row: Option<Columns> = reader.fetch_optional(
        "select invitation_id, channel, channel_type, role, sender_id, identity.name, identity.surname, status,
                invitation.created_at, reminded_at, expires_at
         from invitation
         left join identity on identity.customer_id = invitation.sender_id
         where invitation.organization_id = $1 and team_id = $2 and channel_type = $3 and channel_key = $4
           and status = 'pending'",
        (team.organization_id, team.team_id, address.channel().as_str(), address.key()),
    )?;
    Ok(row.map(stored))
}

/// Gives an invitation a link; the one of the same purpose before stops working.
pub(super) fn put_token(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    invitation_id: InvitationId,
    purpose: Purpose,
    token: &Token,
) -> Result<(), Error> {
    tx.execute(
        "update invitation_token set replaced = $4
         where organization_id = $1 and invitation_id = $2 and purpose = $3",
        (organization_id, invitation_id, purpose.as_str(), true),
    )?;
    tx.execute(
        "insert into invitation_token (token_digest, organization_id, invitation_id, purpose)
         values ($1, $2, $3, $4)",
        (token.digest(), organization_id, invitation_id, purpose.as_str()),
    )?;
    Ok(())
}

/// Opens an invitation for another seven days.
pub(super) fn renew(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    invitation_id: InvitationId,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "update invitation set reminded_at = $3, expires_at = $4
         where organization_id = $1 and invitation_id = $2",
        (organization_id, invitation_id, now, now + LIFETIME),
    )?;
    Ok(())
}

/// Ends an invitation; false where it had ended before.
pub(crate) fn end(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    invitation_id: InvitationId,
    status: &'static str,
) -> Result<bool, Error> {
    let changed = tx.execute(
        "update invitation set status = $3
         where organization_id = $1 and invitation_id = $2 and status = 'pending'",
        (organization_id, invitation_id, status),
    )?;
    Ok(changed == 1)
}

/// Remembers the message that brings the newest link, so that it goes with whom it is for.
pub(super) fn sent(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    invitation_id: InvitationId,
    delivery_id: DeliveryId,
) -> Result<(), Error> {
    tx.execute(
        "update invitation set delivery_id = $3 where organization_id = $1 and invitation_id = $2",
        (organization_id, invitation_id, delivery_id),
    )?;
    Ok(())
}

/// Ends an invitation by whose it becomes; false where it had ended before.
pub(super) fn accept(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    invitation_id: InvitationId,
    by: CustomerId,
) -> Result<bool, Error> {
    let changed = tx.execute(
        "update invitation set status = 'accepted', accepted_by = $3
         where organization_id = $1 and invitation_id = $2 and status = 'pending'",
        (organization_id, invitation_id, by),
    )?;
    Ok(changed == 1)
}

/// The invitation behind a link. A command holds its organization from then on.
pub(super) fn by_token(ground: &impl Ground, digest: [u8; 32]) -> Result<Option<Linked>, Error> {
    access::hold_by(
        ground,
        "select organization_id from invitation_token where token_digest = $1",
        (digest,),
    )?;
    let reader = ground.reader();
    let link: Option<(OrganizationId, InvitationId, String, bool)> = reader.fetch_optional(
        "select organization_id, invitation_id, purpose, replaced from invitation_token where token_digest = $1",
        (digest,),
    )?;
    let Some((organization_id, invitation_id, purpose, replaced)) = link else { return Ok(None) };
    let purpose = if purpose == "sent" { Purpose::Sent } else { Purpose::HandedOver };
    Ok(linked(reader, organization_id, invitation_id)?.map(|linked| Linked { purpose, replaced, ..linked }))
}

/// An invitation by its id, as the confirmation of a sign-up finds it.
pub(crate) fn linked(
    reader: &Reader<'_>,
    organization_id: OrganizationId,
    invitation_id: InvitationId,
) -> Result<Option<Linked>, Error> {
    let row: Option<Columns> = reader.fetch_optional(
        "select invitation_id, channel, channel_type, role, sender_id, identity.name, identity.surname, status,
                invitation.created_at, reminded_at, expires_at
         from invitation
         left join identity on identity.customer_id = invitation.sender_id
         where invitation.organization_id = $1 and invitation_id = $2",
        (organization_id, invitation_id),
    )?;
    let Some(row) = row else { return Ok(None) };
    let (organization_name, team_id, team_name, channel_key) = reader.fetch_one(
        "select organization.name, team.team_id, team.name, invitation.channel_key
         from invitation
         join organization on organization.organization_id = invitation.organization_id
         join team on team.organization_id = invitation.organization_id and team.team_id = invitation.team_id
         where invitation.organization_id = $1 and invitation.invitation_id = $2",
        (organization_id, invitation_id),
    )?;
    Ok(Some(Linked {
        organization_id,
        organization_name,
        team_id,
        team_name,
        purpose: Purpose::HandedOver,
        channel_key,
        replaced: false,
        stored: stored(row),
    }))
}

/// Whether a customer with this address is in the team.
pub(super) fn is_member(reader: &Reader<'_>, team: &Team, email_key: &str) -> Result<bool, Error> {
    let row: Option<(i64,)> = reader.fetch_optional(
        "select 1 from identity
         join membership on membership.customer_id = identity.customer_id
              and membership.organization_id = $1 and membership.team_id = $2
         where identity.email_key = $3",
        (team.organization_id, team.team_id, email_key),
    )?;
    Ok(row.is_some())
}

/// Name of an organization, and name and surname of a customer.
pub(super) fn names(
    reader: &Reader<'_>,
    organization_id: OrganizationId,
    customer_id: CustomerId,
) -> Result<(String, String, String), Error> {
    reader.fetch_one(
        "select organization.name, identity.name, identity.surname from organization, identity
         where organization.organization_id = $1 and identity.customer_id = $2",
        (organization_id, customer_id),
    )
}
