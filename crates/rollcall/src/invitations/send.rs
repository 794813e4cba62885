//! Sends an invitation's link to the invited address.

use jiff::Timestamp;
use notify::Destination;

use super::store;
use super::view::Stored;
use crate::access::Team;
use crate::app::App;
use crate::db::{Error, Tx};
use crate::domain::id::{CustomerId, DeliveryId};
use crate::domain::invitation::InvitationChannel;
use crate::domain::token::Token;
use crate::messages::invitation::{self, Invite};
use crate::outbox::post::{Letter, NOTICE_LIFETIME, post};

/// Where a link leads.
pub(super) fn link(app: &App, token: &Token) -> String {
    format!("{}/invitation?token={}", app.policy.public_url, token.as_str())
}

/// What is made before the transaction.
pub(super) struct Prepared {
    pub(super) token: Token,
    pub(super) delivery_id: DeliveryId,
}

/// Gives the invitation a fresh link and posts it.
pub(super) fn send(
    tx: &Tx<'_>,
    app: &App,
    team: &Team,
    invited: &Stored,
    prepared: &Prepared,
    by: CustomerId,
    now: Timestamp,
) -> Result<(), Error> {
    store::put_token(tx, team.organization_id, invited.invitation_id, store::Purpose::Sent, &prepared.token)?;
    let (organization, name, surname) = store::names(tx, team.organization_id, by)?;
    let receiver = match invited.channel_type {
        InvitationChannel::Email => Destination::Email(invited.channel.clone()),
        InvitationChannel::Sms => Destination::Sms(invited.channel.clone()),
    };
    let message = invitation::invite(&Invite {
        sender: &format!("{name} {surname}"),
        team: &team.name,
        organization: &organization,
        role: invited.role,
        link: link(app, &prepared.token),
        expires_at: invited.expires_at,
        reminder: invited.reminded_at.is_some(),
    });
    let letter = Letter {
        organization_id: team.organization_id,
        delivery_id: prepared.delivery_id,
        channel_id: None,
        customer_id: None,
        receiver,
        message,
        expires_at: now + NOTICE_LIFETIME,
    };
    post(tx, app, &letter, now)
}
