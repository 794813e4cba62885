//! Sends a channel the code that proves the value which waits.

use jiff::Timestamp;

use super::destination::receiver;
use super::owner::Holder;
use super::{sealed, store};
use crate::allowances::{flood, toll};
use crate::app::App;
use crate::codes::{self, Pace, Scope, tally};
use crate::db::Tx;
use crate::domain::channel::Channel;
use crate::domain::channel_value::ChannelValue;
use crate::domain::id::DeliveryId;
use crate::domain::one_time_code::{LIFETIME, Purpose};
use crate::http::caller::Caller;
use crate::messages::channel;
use crate::outbox::post::{Letter, post};
use crate::problem::{Code, Problem};

/// What the code of a channel proves: this value on this channel.
pub(super) fn scope(channel: &Channel, value: &ChannelValue) -> Scope {
    Scope {
        organization_id: channel.organization_id,
        purpose: Purpose::Channel,
        subject: channel.channel_id.to_string(),
        recipient: value.key(),
    }
}

/// Who asked for the code, when, and whether sending is held back.
pub(super) struct Sending<'a> {
    pub(super) caller: &'a Caller,
    pub(super) delivery_id: DeliveryId,
    pub(super) pace: Pace,
    pub(super) now: Timestamp,
}

/// Makes a fresh code, voids the one before, and posts it to the value that waits.
///
/// # Errors
/// 409 `already_verified` where none waits, 429 `resend_too_soon` or `rate_limited`.
pub(super) fn send(
    tx: &Tx<'_>,
    app: &App,
    holder: &Holder,
    channel: &Channel,
    sending: &Sending<'_>,
) -> Result<(), Problem> {
    let value = channel.awaits_code().map_err(|_| Problem::new(Code::AlreadyVerified))?;
    let code = codes::issue(tx, app, &scope(channel, value), sending.pace, sending.now)?;
    flood::spend(tx, app, channel.organization_id, value, sending.now)?;
    store::drop_codes(tx, channel, sending.now)?;
    let secret = sealed::signing_secret(tx, app, channel)?;
    let receiver = receiver(channel.kind, value, secret);
    toll::spend(tx, app, channel.organization_id, &receiver, sending.now)?;
    if matches!(value, ChannelValue::Phone(_)) {
        tally::sent(tx, sending.now)?;
    }
    let letter = Letter {
        organization_id: channel.organization_id,
        delivery_id: sending.delivery_id,
        channel_id: Some(channel.channel_id),
        customer_id: Some(sending.caller.customer_id),
        receiver,
        message: channel::verification(app, channel, code, &store::asked(tx, holder, sending.caller)?),
        expires_at: sending.now + LIFETIME,
    };
    Ok(post(tx, app, &letter, sending.now)?)
}
