//! What one client may do, counted by its network: an address of IPv4, the /64 that a subscriber gets of IPv6.
//! Clients on this machine are not counted: they are its operator, its tests, or a proxy that was not declared.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use jiff::Timestamp;

use super::{Allowance, count, exhausted, key, take};
use crate::access::Ground;
use crate::app::App;
use crate::db::{Error, Tx};
use crate::domain::event::By;
use crate::problem::{Code, Problem};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Sign-ups.
pub(crate) const SIGN_UPS: Allowance = Allowance { name: "client_sign_ups", limit: 10, window: HOUR };
/// Codes of a sign-up or a forgotten password that were asked for, whomever they are for and whether they were sent.
pub(crate) const CODE_REQUESTS: Allowance =
    Allowance { name: "client_code_requests", limit: 60, window: HOUR };
/// Sign-ins that were refused.
pub(crate) const REFUSED_SIGN_INS: Allowance =
    Allowance { name: "client_refused_sign_ins", limit: 60, window: HOUR };
/// One-time codes that were wrong, whomever they were for.
pub(crate) const WRONG_CODES: Allowance = Allowance { name: "client_wrong_codes", limit: 30, window: HOUR };

/// Refuses a client that has nothing left.
///
/// # Errors
/// 429 `rate_limited`.
pub(crate) fn admit(
    ground: &impl Ground,
    app: &App,
    by: &By,
    what: &Allowance,
    now: Timestamp,
) -> Result<(), Problem> {
    match counter(app, by, what) {
        Some(counter) => refuse(exhausted(ground, &counter, what, now)?),
        None => Ok(()),
    }
}

/// Counts one use, or refuses.
///
/// # Errors
/// 429 `rate_limited`.
pub(crate) fn spend(
    tx: &Tx<'_>,
    app: &App,
    by: &By,
    what: &Allowance,
    now: Timestamp,
) -> Result<(), Problem> {
    match counter(app, by, what) {
        Some(counter) => refuse(take(tx, &counter, what, now)?),
        None => Ok(()),
    }
}

/// Counts a failure.
pub(crate) fn note(tx: &Tx<'_>, app: &App, by: &By, what: &Allowance, now: Timestamp) -> Result<(), Error> {
    match counter(app, by, what) {
        Some(counter) => count(tx, &counter, what, now),
        None => Ok(()),
    }
}

fn refuse(wait: Option<Duration>) -> Result<(), Problem> {
    match wait {
        None => Ok(()),
        Some(wait) => {
            let detail = "Too many requests of this kind from your network. Try again later.";
            Err(Problem::because(Code::RateLimited, detail).retry_after(wait))
        }
    }
}

fn counter(app: &App, by: &By, what: &Allowance) -> Option<[u8; 32]> {
    let network = by.ip.filter(|_| app.policy.rate_limits).and_then(network)?;
    Some(key(app, what, &[&network]))
}

/// The network that is counted; none for this machine.
pub(super) fn network(address: IpAddr) -> Option<String> {
    match address.to_canonical() {
        address if address.is_loopback() => None,
        IpAddr::V4(address) => Some(address.to_string()),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Some(format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscriber_is_one_client_and_this_machine_is_none() {
        for (address, counted) in [
            ("192.0.2.7", Some("192.0.2.7")),
            ("::ffff:192.0.2.7", Some("192.0.2.7")),
            ("2001:db8:1:2:3:4:5:6", Some("2001:db8:1:2::/64")),
            ("2001:db8:1:2:ffff::1", Some("2001:db8:1:2::/64")),
            ("2001:db8:1:3::1", Some("2001:db8:1:3::/64")),
            ("127.0.0.1", None),
            ("127.8.8.8", None),
            ("::1", None),
            ("::ffff:127.0.0.1", None),
        ] {
            let address: IpAddr = address.parse().expect("an address");
            assert_eq!(network(address).as_deref(), counted, "{address}");
        }
    }
}
