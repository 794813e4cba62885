//! How a channel does: since when nothing has arrived, and when that is the end of it.

use jiff::{SignedDuration, Timestamp};
use notify::{Outcome, Verdict};

use super::Owners;
use super::claim::Claimed;
use super::mark::Receiving;
use super::room::Room;
use crate::app::App;
use crate::db::{Error, Tx};
use crate::domain::id::{ChannelId, DeliveryId, OrganizationId};

/// A channel to which nothing was delivered for so long, though it was tried, is switched off.
const PATIENCE: SignedDuration = SignedDuration::from_hours(5 * 24);
/// How often a channel that works is noted to have worked.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Whether a kind of message goes to channels that are enabled alone.
pub(super) fn needs_enabled(kind: &str) -> bool {
    !matches!(kind, "verification" | "test")
}

/// Notes what the attempt says of its channel, and gives the reason to switch it off if it is one.
pub(super) fn judge(
    tx: &Tx<'_>,
    claimed: &Claimed,
    channel: &Receiving,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<Option<String>, Error> {
    // A code goes to a value that is yet to be proved: what comes of it says nothing of the one that is in use.
    if channel.kind == "verification" {
        return Ok(None);
    }
    let key = (claimed.organization_id, channel.channel_id);
    if outcome.verdict == Verdict::Delivered {
        // Once a minute, so that many messages at once do not wait for one row.
        tx.execute(
            "update notification_channel set delivered_at = $3, failing_since = null
             where organization_id = $1 and channel_id = $2
               and (failing_since is not null or delivered_at is null or delivered_at <= $4)",
            (key.0, key.1, now, now - NOTED_EVERY),
        )?;
        return Ok(None);
    }
    if outcome.verdict == Verdict::Gone {
        return Ok(Some(outcome.detail.clone()));
    }
    // Between us and the receiver stands the operator's own server, whose failures are no receiver's fault.
    let refused = outcome.verdict == Verdict::Refused && outcome.response_status.is_some();
    if claimed.room != Room::Web && !refused {
        return Ok(None);
    }
    match channel.failing_since {
        None => {
            tx.execute(
                "update notification_channel set failing_since = $3
                 where organization_id = $1 and channel_id = $2 and failing_since is null",
                (key.0, key.1, now),
            )?;
            Ok(None)
        }
        Some(since) if now.duration_since(since) >= PATIENCE => {
            Ok(Some(format!("Nothing could be delivered for five days. {}", outcome.detail)))
        }
        Some(_) => Ok(None),
    }
}

/// Switches the channel off, takes back what still waits for it, and tells its owner. Says whether it was on.
pub(super) fn disable(
    tx: &Tx<'_>,
    app: &App,
    owners: Owners,
    claimed: &Claimed,
    channel: &Receiving,
    reason: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let changed = tx.execute(
        "update notification_channel set enabled = $3, disabled_reason = $4, failing_since = null,
                                         version = version + 1
         where organization_id = $1 and channel_id = $2 and verified_at is not null and enabled",
        (claimed.organization_id, channel.channel_id, false, reason),
    )?;
    if changed == 0 {
        return Ok(false);
    }
    stop(tx, claimed.organization_id, channel.channel_id, "The channel was switched off before.", now)?;
    (owners.disabled)(tx, app, claimed.organization_id, channel.channel_id, now)?;
    Ok(true)
}

/// Ends what waits for a channel that is switched off, codes and tests aside. Its log says why, and each can be tried
/// again by hand. An attempt that runs just now ends by itself.
pub(crate) fn stop(
    tx: &Tx<'_>,
    organization_id: OrganizationId,
    channel_id: ChannelId,
    why: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let stopped: Vec<(DeliveryId, Vec<u8>)> = tx.fetch_all(
        "delete from outbox where lease is null and delivery_id in (
           select delivery_id from delivery
           where organization_id = $1 and channel_id = $2 and status = 'queued'
             and kind not in ('verification', 'test'))
         returning delivery_id, message_sealed",
        (organization_id, channel_id),
    )?;
    for (delivery_id, sealed) in stopped {
        tx.execute(
            "update delivery set status = 'failed', finished_at = $3, message_sealed = $4
             where organization_id = $1 and delivery_id = $2",
            (organization_id, delivery_id, now, sealed),
        )?;
        tx.execute(
            "insert into delivery_attempt (organization_id, delivery_id, attempt, at, outcome, latency_ms, detail)
             values ($1, $2, (select coalesce(max(attempt), 0) + 1 from delivery_attempt
                              where organization_id = $1 and delivery_id = $2), $3, 'failed', 0, $4)",
            (organization_id, delivery_id, now, why),
        )?;
    }
    Ok(())
}
