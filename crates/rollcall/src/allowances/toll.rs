//! Text messages and calls cost money, and fraud rings have others' servers send them: how many go to one number, to
//! the numbers beside it, and out for one organization in a day.

use std::time::Duration;

use jiff::Timestamp;
use notify::Destination;

use super::Allowance;
use crate::allowances;
use crate::app::App;
use crate::db::Tx;
use crate::domain::id::OrganizationId;
use crate::problem::Problem;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// To one number for one organization.
const NUMBER: Allowance = Allowance { name: "toll_number", limit: 10, window: DAY };
/// To one number for all of them.
const NUMBER_FROM_ALL: Allowance = Allowance { name: "toll_number_from_all", limit: 100, window: DAY };
/// To numbers that differ in their last four digits alone, for one organization: rented blocks look like that.
const BLOCK: Allowance = Allowance { name: "toll_block", limit: 40, window: DAY };
/// For one organization.
const ORGANIZATION: Allowance = Allowance { name: "toll_organization", limit: 100, window: DAY };

/// Counts a message that is about to go to a number; other receivers cost nothing.
///
/// # Errors
/// 429 `rate_limited`.
pub(crate) fn spend(
    tx: &Tx<'_>,
    app: &App,
    organization_id: OrganizationId,
    receiver: &Destination,
    now: Timestamp,
) -> Result<(), Problem> {
    let (Destination::Sms(number) | Destination::Phone(number)) = receiver else { return Ok(()) };
    let organization = organization_id.to_string();
    let block = number.get(..number.len().saturating_sub(4)).unwrap_or(number);
    let counters: [(&Allowance, &[&str]); 4] = [
        (&NUMBER, &[&organization, number]),
        (&NUMBER_FROM_ALL, &[number]),
        (&BLOCK, &[&organization, block]),
        (&ORGANIZATION, &[&organization]),
    ];
    for (allowance, subject) in counters {
        let refusal =
            "Too many messages went to this number, or out for your organization, today. Try again tomorrow.";
        allowances::spend(tx, app, allowance, subject, refusal, now)?;
    }
    Ok(())
}
