//! Sends an invitation's link to the invited address.

use std::time::Duration;

use jiff::Timestamp;
use notify::Destination;

use super::store;
use super::view::Stored;
use crate::access::Team;
use crate::allowances::{self, Allowance, toll};
use crate::app::App;
use crate::db::Tx;
use crate::domain::id::{CustomerId, DeliveryId};
use crate::domain::invitation::{InvitationChannel, InvitedAddress};
use crate::domain::token::Token;
use crate::messages::invitation::{self, Invite};
use crate::outbox::post::{Letter, NOTICE_LIFETIME, post};
use crate::problem::Problem;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How many invitations and reminders one organization may send.
const OF_ORGANIZATION: Allowance = Allowance { name: "organization_invitations", limit: 100, window: DAY };
/// How many of them to one address or number.
const TO_ADDRESS: Allowance = Allowance { name: "address_invitations", limit: 30, window: DAY };

/// How many to one mailbox however its address is tagged.
const TO_MAILBOX: Allowance = Allowance { name: "mailbox_invitations", limit: 100, window: DAY };

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
///
/// # Errors
/// 429 `rate_limited`.
pub(super) fn send(
    tx: &Tx<'_>,
    app: &App,
    team: &Team,
    invited: &Stored,
    prepared: &Prepared,
    by: CustomerId,
    now: Timestamp,
) -> Result<(), Problem> {
    store::put_token(tx, team.organization_id, invited.invitation_id, store::Purpose::Sent, &prepared.token)?;
    let (organization, name, surname) = store::names(tx, team.organization_id, by)?;
    let receiver = match invited.channel_type {
        InvitationChannel::Email => Destination::Email(invited.channel.clone()),
        InvitationChannel::Sms => Destination::Sms(invited.channel.clone()),
    };
    let parsed = InvitedAddress::parse(invited.channel_type, &invited.channel);
    let (address, mailbox) = match &parsed {
        Ok(address @ InvitedAddress::Email(email)) => (address.key(), email.mailbox()),
        Ok(address) => (address.key(), address.key()),
        Err(_) => (invited.channel.clone(), invited.channel.clone()),
    };
    let sender = team.organization_id.to_string();
    for (allowance, subject) in
        [(&OF_ORGANIZATION, &sender), (&TO_ADDRESS, &address), (&TO_MAILBOX, &mailbox)]
    {
        let refusal = "Too many invitations went to this address, or out for your organization, today. Try again tomorrow.";
        allowances::spend(tx, app, allowance, &[subject], refusal, now)?;
    }
    toll::spend(tx, app, team.organization_id, &receiver, now)?;
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
        customer_id: Some(by),
        receiver,
        message,
        expires_at: now + NOTICE_LIFETIME,
    };
    store::sent(tx, team.organization_id, invited.invitation_id, prepared.delivery_id)?;
    Ok(post(tx, app, &letter, now)?)
}
