//! Codes go where somebody says, and who gets them may not have asked: how many go to one receiver, and out for one organization, in a
//! day.

use std::time::Duration;

use jiff::Timestamp;

use super::Allowance;
use crate::allowances;
use crate::app::App;
use crate::db::Tx;
use crate::domain::channel_value::ChannelValue;
use crate::domain::id::OrganizationId;
use crate::problem::Problem;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// To one mailbox for all organizations, however its address is tagged: those of channels and of new usernames.
const MAILBOX: Allowance = Allowance { name: "codes_to_a_mailbox", limit: 100, window: DAY };
/// To one host for one organization, whatever else its URLs say.
const HOST: Allowance = Allowance { name: "codes_to_a_host", limit: 100, window: DAY };
/// To one chat, key, browser or number for one organization; numbers have less by their toll.
const RECEIVER: Allowance = Allowance { name: "codes_to_a_receiver", limit: 100, window: DAY };
/// For one organization, whoever gets them.
const ORGANIZATION: Allowance = Allowance { name: "codes_of_an_organization", limit: 500, window: DAY };

/// Counts a code that is about to be sent.
///
/// # Errors
/// 429 `rate_limited`.
pub(crate) fn spend(
    tx: &Tx<'_>,
    app: &App,
    organization_id: OrganizationId,
    receiver: &ChannelValue,
    now: Timestamp,
) -> Result<(), Problem> {
    let organization = organization_id.to_string();
    let too_many = "Too many codes went to this receiver today. Try again tomorrow.";
    match (receiver, receiver.host()) {
        (ChannelValue::Email(address), _) => {
            allowances::spend(tx, app, &MAILBOX, &[&address.mailbox()], too_many, now)?;
        }
        (_, Some(host)) => allowances::spend(tx, app, &HOST, &[&organization, host], too_many, now)?,
        (_, None) => {
            allowances::spend(tx, app, &RECEIVER, &[&organization, &receiver.key()], too_many, now)?;
        }
    }
    let too_many = "Too many codes went out for your organization today. Try again tomorrow.";
    allowances::spend(tx, app, &ORGANIZATION, &[&organization], too_many, now)
}
