//! Puts a message into the outbox, in the transaction of the change that causes it.

use jiff::{SignedDuration, Timestamp};
use notify::Destination;
use serde::{Deserialize, Serialize};

use super::room::{self, Room};
use crate::app::App;
use crate::db::{Error, Tx};
use crate::domain::id::{ChannelId, CustomerId, DeliveryId, OrganizationId};
use crate::messages::{Message, Rendered};

/// How long a notice is worth being delivered.
pub(crate) const NOTICE_LIFETIME: SignedDuration = SignedDuration::from_hours(5 * 24);

/// A message with its receiver, as it is sealed in the outbox.
#[derive(Serialize, Deserialize)]
pub(crate) struct Envelope {
    pub(crate) receiver: Destination,
    pub(crate) message: Rendered,
}

impl Envelope {
    /// Seals it to the row of its delivery.
    pub(super) fn seal(&self, app: &App, delivery_id: DeliveryId) -> Result<Vec<u8>, Error> {
        let text = serde_json::to_vec(self).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(app.keys.seal(&*app.entropy, &context(delivery_id), &text))
    }
}

/// A message to be posted.
pub(crate) struct Letter {
    /// The tenant; [`OrganizationId::NONE`] for a sign-up.
    pub(crate) organization_id: OrganizationId,
    /// The id that the receiver sees on every attempt.
    pub(crate) delivery_id: DeliveryId,
    /// The channel whose delivery log shows it, if it goes to one.
    pub(crate) channel_id: Option<ChannelId>,
    /// The customer whom it names, as the one it is about or the one who sends it: it goes when they leave.
    pub(crate) customer_id: Option<CustomerId>,
    /// Who gets it.
    pub(crate) receiver: Destination,
    /// What it says.
    pub(crate) message: Message,
    /// When it is of no use any more: a code's end.
    pub(crate) expires_at: Timestamp,
}

impl Letter {
    /// A mail about a customer's account.
    pub(crate) fn about(
        (organization_id, customer_id): (OrganizationId, CustomerId),
        delivery_id: DeliveryId,
        address: String,
        message: Message,
        expires_at: Timestamp,
    ) -> Self {
        let receiver = Destination::Email(address);
        let customer_id = Some(customer_id);
        Self { organization_id, delivery_id, channel_id: None, customer_id, receiver, message, expires_at }
    }
}

/// Writes the message and, for a channel, the first line of its delivery log. The worker is woken after the commit.
pub(crate) fn post(tx: &Tx<'_>, app: &App, letter: &Letter, now: Timestamp) -> Result<(), Error> {
    let envelope = Envelope { receiver: letter.receiver.clone(), message: letter.message.render(now) };
    let sealed = envelope.seal(app, letter.delivery_id)?;
    let waiting = Waiting {
        organization_id: letter.organization_id,
        delivery_id: letter.delivery_id,
        customer_id: letter.customer_id,
        receiver: &letter.receiver,
        expires_at: letter.expires_at,
    };
    queue(tx, &waiting, &sealed, now)?;
    if let Some(channel_id) = letter.channel_id {
        tx.execute(
            "insert into delivery (organization_id, delivery_id, channel_id, kind, status, sender_id, created_at)
             values ($1, $2, $3, $4, 'queued', $5, $6)",
            (
                letter.organization_id,
                letter.delivery_id,
                channel_id,
                kind(letter.message.event),
                letter.customer_id,
                now,
            ),
        )?;
    }
    Ok(())
}

/// A message in the queue, beside what it says.
pub(super) struct Waiting<'a> {
    pub(super) organization_id: OrganizationId,
    pub(super) delivery_id: DeliveryId,
    pub(super) customer_id: Option<CustomerId>,
    pub(super) receiver: &'a Destination,
    pub(super) expires_at: Timestamp,
}

/// Puts it into its lane, due now.
pub(super) fn queue(tx: &Tx<'_>, waiting: &Waiting<'_>, sealed: &[u8], now: Timestamp) -> Result<(), Error> {
    let transport = waiting.receiver.transport();
    let (room, host) = (Room::of(transport), room::host(waiting.receiver));
    tx.execute(
        "insert into outbox (delivery_id, organization_id, customer_id, transport, room, lane, host, message_sealed,
                             due_at, expires_at, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9)",
        (
            waiting.delivery_id,
            waiting.organization_id,
            waiting.customer_id,
            transport.as_str(),
            room.as_str(),
            room::lane(room, waiting.organization_id, &host),
            host,
            sealed,
            now,
            waiting.expires_at,
        ),
    )?;
    tx.queue_delivery();
    Ok(())
}

/// What seals a message to its row.
pub(crate) fn context(delivery_id: DeliveryId) -> String {
    format!("outbox {delivery_id}")
}

/// `channel.verification` -> `verification`: what a delivery is called in the log of its channel.
fn kind(event: &'static str) -> &'static str {
    event.rsplit('.').next().unwrap_or(event)
}
