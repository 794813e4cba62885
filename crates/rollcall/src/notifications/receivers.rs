//! Who gets a notification: the active channels that are asked for, within what may be sent.

use std::time::Duration;

use notify::Destination;

use super::send::SendNotification;
use crate::allowances::{self, Allowance};
use crate::channels::owner::Holder;
use crate::channels::reach::{self, Reached};
use crate::db::Tx;
use crate::domain::priority::Priority;
use crate::http::command::Parts;
use crate::problem::{Code, Problem};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How many notifications one team or person may be sent.
const TO_ONE: Allowance = Allowance { name: "notifications", limit: 60, window: Duration::from_secs(60) };
/// How many notifications one organization may send.
const A_DAY: Allowance = Allowance { name: "notifications_a_day", limit: 10_000, window: DAY };
/// How many notifications one organization may send to one number, by SMS and by call each: these cost money.
const TO_A_NUMBER: Allowance = Allowance { name: "notifications_to_a_number", limit: 100, window: DAY };

/// The receivers of one notification.
pub(super) struct Receivers {
    /// The most important first, one at the least.
    pub(super) channels: Vec<Reached>,
    /// Channels whose number has got enough today.
    pub(super) left_out: Vec<Priority>,
}

/// Finds them, and counts the notification.
///
/// # Errors
/// 409 `nobody_reachable`, 429 `rate_limited`.
pub(super) fn find(
    tx: &Tx<'_>,
    command: &Parts<SendNotification>,
    holder: &Holder,
    sent: &SendNotification,
) -> Result<Receivers, Problem> {
    let mut channels = reach::active(tx, &command.app, holder.organization_id, holder.owner)?;
    let any = !channels.is_empty();
    channels.retain(|channel| {
        sent.include_types.as_ref().is_none_or(|types| types.is_empty() || types.contains(&channel.kind))
            && !sent.exclude_types.as_ref().is_some_and(|types| types.contains(&channel.kind))
    });
    if channels.is_empty() {
        return Err(Problem::because(Code::NobodyReachable, nobody(holder, any)));
    }
    if !command.app.policy.rate_limits {
        return Ok(Receivers { channels, left_out: Vec::new() });
    }
    count(tx, command, holder)?;
    within_numbers(tx, command, holder, channels)
}

fn nobody(holder: &Holder, any: bool) -> String {
    match (&holder.team, any) {
        (_, true) => "No active channel is of the types that you ask for, so nothing was sent.".to_owned(),
        (None, false) => {
            "You have no active channel, so nothing was sent. Verify or enable one first.".to_owned()
        }
        (Some(team), false) => {
            format!("The team {team} has no active channel, so nothing was sent. Verify or enable one first.")
        }
    }
}

fn count(tx: &Tx<'_>, command: &Parts<SendNotification>, holder: &Holder) -> Result<(), Problem> {
    let (owner, organization) = (holder.owner.uuid().to_string(), holder.organization_id.to_string());
    for (allowance, subject, detail) in [
        (TO_ONE, owner, "Sixty notifications a minute go to one receiver. Try again a little later."),
        (
            A_DAY,
            organization,
            "Your organization has sent ten thousand notifications today. Try again tomorrow.",
        ),
    ] {
        let key = allowances::key(&command.app, &allowance, &[&subject]);
        if let Some(wait) = allowances::take(tx, &key, &allowance, command.now)? {
            return Err(Problem::because(Code::RateLimited, detail).retry_after(wait));
        }
    }
    Ok(())
}

/// Leaves out channels whose number has got enough: the others are not to miss a notification for that.
fn within_numbers(
    tx: &Tx<'_>,
    command: &Parts<SendNotification>,
    holder: &Holder,
    channels: Vec<Reached>,
) -> Result<Receivers, Problem> {
    let mut receivers = Receivers { channels: Vec::new(), left_out: Vec::new() };
    let mut longest = Duration::ZERO;
    for channel in channels {
        let wait = match &channel.receiver {
            Destination::Sms(number) | Destination::Phone(number) => {
                let subject = [&*holder.organization_id.to_string(), channel.kind.as_str(), number];
                let key = allowances::key(&command.app, &TO_A_NUMBER, &subject);
                allowances::take(tx, &key, &TO_A_NUMBER, command.now)?
            }
            _ => None,
        };
        match wait {
            None => receivers.channels.push(channel),
            Some(wait) => {
                receivers.left_out.push(channel.priority);
                longest = longest.max(wait);
            }
        }
    }
    if receivers.channels.is_empty() {
        let detail =
            "The numbers of these channels have got a hundred notifications today. Try again tomorrow.";
        return Err(Problem::because(Code::RateLimited, detail).retry_after(longest));
    }
    Ok(receivers)
}
