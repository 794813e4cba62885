//! Tries a message again that its owner wants to be tried again: under the same id, to where its channel leads now.

use jiff::Timestamp;
use notify::Destination;

use super::post::{Envelope, Waiting, context, queue};
use crate::app::App;
use crate::db::{Error, Tx};
use crate::domain::id::{CustomerId, DeliveryId, OrganizationId};

/// The message cannot be read any more: its key is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// Puts a message that had failed back into the queue, with a schedule that begins anew.
pub(crate) fn repost(
    tx: &Tx<'_>,
    app: &App,
    (organization_id, delivery_id): (OrganizationId, DeliveryId),
    sealed: &[u8],
    receiver: Destination,
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<Result<(), Unreadable>, Error> {
    let opened = app.keys.open(&context(delivery_id), sealed);
    let Some(envelope) = opened.and_then(|bytes| serde_json::from_slice::<Envelope>(&bytes).ok()) else {
        return Ok(Err(Unreadable));
    };
    let sealed = Envelope { receiver: receiver.clone(), ..envelope }.seal(app, delivery_id)?;
    let (customer_id,): (Option<CustomerId>,) = tx.fetch_one(
        "update delivery set status = 'queued', finished_at = null, message_sealed = null
         where organization_id = $1 and delivery_id = $2 returning sender_id",
        (organization_id, delivery_id),
    )?;
    let waiting = Waiting { organization_id, delivery_id, customer_id, receiver: &receiver, expires_at };
    queue(tx, &waiting, &sealed, now)?;
    Ok(Ok(()))
}

/// Makes a message that waits due now. One whose attempt runs just now is left to it.
pub(crate) fn hurry(tx: &Tx<'_>, delivery_id: DeliveryId, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "update outbox set due_at = $2 where delivery_id = $1 and lease is null and due_at > $2",
        (delivery_id, now),
    )?;
    tx.queue_delivery();
    Ok(())
}
