//! Host names that lead to this machine or into a private network, whatever they resolve to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::{GuardRules, Refused};

/// Names of this machine: RFC 6761 §6.3 (with everything below it) and what hosts files commonly hold.
const THIS_MACHINE: [&str; 2] = ["localhost", "localdomain"];
const THIS_MACHINE_ALSO: [&str; 6] = [
    "localhost4",
    "localhost6",
    "ip6-localhost",
    "ip6-loopback",
    "localhost6.localdomain6",
    "localhost4.localdomain4",
];

/// Suffixes of private networks: RFC 6762 (`local`) and its appendix G, RFC 8375, ICANN's `internal`, and the cluster
/// suffix of Kubernetes.
const PRIVATE: [&str; 9] =
    ["corp", "home", "home.arpa", "internal", "intranet", "lan", "local", "private", "svc"];

const LOOPBACK_V4: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8);
const LOOPBACK_V6: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128);

/// Checks a host name in the form the URL parser gives it: lower case, A-labels.
///
/// A name of this machine passes where the rules allow (part of) a loopback network, a private one where they allow
/// any other network; the resolved address decides then.
pub(super) fn check(rules: &GuardRules, name: &str) -> Result<(), Refused> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.len() > 253 || name.split('.').any(|label| label.is_empty() || label.len() > 63) {
        return Err(Refused);
    }
    let allowed =
        if THIS_MACHINE.iter().any(|suffix| is_under(name, suffix)) || THIS_MACHINE_ALSO.contains(&name) {
            rules.allow_networks.iter().any(|net| holds_loopback(*net))
        } else if !name.contains('.') || PRIVATE.iter().any(|suffix| is_under(name, suffix)) {
            rules.allow_networks.iter().any(|net| !is_loopback(*net))
        } else {
            true
        };
    if allowed { Ok(()) } else { Err(Refused) }
}

/// Whether `name` is `suffix` or ends in `.suffix`.
fn is_under(name: &str, suffix: &str) -> bool {
    name.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether some loopback address is in `net`, or `net` in a loopback network.
fn holds_loopback(net: IpNet) -> bool {
    is_loopback(net)
        || net.contains(&IpAddr::V4(Ipv4Addr::LOCALHOST))
        || net.contains(&IpAddr::V6(Ipv6Addr::LOCALHOST))
}

/// Whether all of `net` is loopback.
fn is_loopback(net: IpNet) -> bool {
    match net {
        IpNet::V4(net) => LOOPBACK_V4.contains(&net),
        IpNet::V6(net) => LOOPBACK_V6.contains(&net),
    }
}
