//! The outbound guard: what a person's URL may make this process connect to.
//!
//! The same rules hold twice: [`check_url`] when a destination is saved and again before each attempt, and
//! [`check_address`] on every address that its name resolves to ([`resolver`]), where the addresses that were checked
//! are the ones connected to. Servers that the operator configured are not subject to it.
//!
//! Whatever is refused is refused alike ([`Refused`]): a refusal that named its reason would let a person map the
//! network behind this process.

mod address;
mod name;
mod port;
pub mod resolver;

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

/// Longest URL accepted, in octets as written.
pub const LONGEST_URL: usize = 2048;

/// What the operator permits beyond the strict default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GuardRules {
    /// Plain `http://` destinations (`ROLLCALL_WEBHOOK_ALLOW_HTTP`).
    pub allow_http: bool,
    /// Networks let through although they are private (`ROLLCALL_OUTBOUND_ALLOW`). They lift the rules on addresses
    /// and local names, not those on scheme, port, user info and form.
    pub allow_networks: Vec<IpNet>,
}

/// The guard refuses, and does not say why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this destination is not allowed")]
pub struct Refused;

/// Checks a destination's URL without resolving its name.
///
/// Accepted: at most [`LONGEST_URL`] octets; `https`, or `http` where the rules allow it; no user info, fragment,
/// blank, control character or backslash; no port of a well-known service that does not speak HTTP; a host that is a
/// public DNS name or an address that [`check_address`] accepts. Every spelling of an address (decimal, octal,
/// hexadecimal, short, full-width, IPv4 inside IPv6, …) is read as the URL standard reads it, which is how it would be
/// connected to. What is returned is what was checked: send to it, not to the text.
pub fn check_url(rules: &GuardRules, text: &str) -> Result<Url, Refused> {
    if text.len() > LONGEST_URL || text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(Refused);
    }
    // The URL standard forgives missing slashes and an empty user; here what is odd is refused.
    let (scheme, rest) = text.split_once("://").ok_or(Refused)?;
    if !["https", "http"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Err(Refused);
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() || authority.contains('@') || rest.contains('#') {
        return Err(Refused);
    }
    let url = Url::parse(text).map_err(|_| Refused)?;
    if url.scheme() != "https" && !(rules.allow_http && url.scheme() == "http") {
        return Err(Refused);
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(Refused);
    }
    if !url.port_or_known_default().is_some_and(port::may_speak_http) {
        return Err(Refused);
    }
    match url.host().ok_or(Refused)? {
        Host::Ipv4(address) => check_address(rules, address.into())?,
        Host::Ipv6(address) => check_address(rules, address.into())?,
        Host::Domain(name) => name::check(rules, name)?,
    }
    Ok(url)
}

/// Checks one address: a public one, or one of a network that the rules allow.
///
/// Public is: IPv4 outside the special-purpose networks (RFC 6890 and the IANA registry, multicast, and the clouds'
/// metadata and platform addresses); IPv6 inside `2000::/3` and outside its special-purpose networks. IPv4 mapped into
/// IPv6 is judged as the IPv4 that it is; NAT64, 6to4, Teredo and IPv4-compatible forms are refused whole, since what
/// they lead to depends on the network.
pub fn check_address(rules: &GuardRules, address: IpAddr) -> Result<(), Refused> {
    let canonical = address.to_canonical();
    let allowed = rules.allow_networks.iter().any(|net| net.contains(&canonical) || net.contains(&address));
    if allowed || address::is_public(canonical) { Ok(()) } else { Err(Refused) }
}
