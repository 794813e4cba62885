//! The client's address: the peer's, or what trusted proxies say in `X-Forwarded-For`, read from its right end.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::caller::ClientAddress;
use crate::config::Policy;

/// The header of proxies.
pub const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Puts the client's address into the request.
pub(super) fn find(policy: &Policy, request: &mut Request) {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        let address = client(|address| policy.trusts(address), peer.ip().to_canonical(), request.headers());
        request.extensions_mut().insert(ClientAddress(address));
    }
}

/// From right to left past every trusted proxy: the first address that is none is the client's.
pub(super) fn client(trusted: impl Fn(IpAddr) -> bool, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let lists = headers.get_all(X_FORWARDED_FOR).iter().map(HeaderValue::as_bytes);
    let hops: Vec<_> = lists.flat_map(|list| list.split(|byte| *byte == b',')).collect();
    let mut address = peer;
    for hop in hops.into_iter().rev() {
        if !trusted(address) {
            break;
        }
        // What is no address, or no text at all, was made up beyond the last proxy that can be believed. It voids nothing beside it.
        let next = str::from_utf8(hop).ok().and_then(|hop| hop.trim().parse::<IpAddr>().ok());
        let Some(next) = next else { break };
        address = next.to_canonical();
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hop_that_counts_is_the_last_one_that_no_trusted_proxy_added() {
        let trusted = |address: IpAddr| ["10.0.0.1", "10.0.0.2"].contains(&&*address.to_string());
        for (peer, lines, expected) in [
            ("203.0.113.9", &[][..], "203.0.113.9"),
            // Forged by a client that came without a proxy.
            ("203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
            ("203.0.113.9", &["10.0.0.1, 198.51.100.1", "10.0.0.2"], "203.0.113.9"),
            // One proxy, and two.
            ("10.0.0.1", &["203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["203.0.113.9, 10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1", &["203.0.113.9", "10.0.0.2"], "203.0.113.9"),
            // Forged in front of what the proxies saw.
            ("10.0.0.1", &["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["198.51.100.1", "203.0.113.9, 10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1", &["10.0.0.2, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["unknown, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["\u{ff}, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["\u{ff}", "203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["203.0.113.9, \u{ff}"], "10.0.0.1"),
            // A proxy that says nothing of use is all that is known.
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["unknown"], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.9, unknown, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["::ffff:203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", &["2001:DB8::1"], "2001:db8::1"),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(X_FORWARDED_FOR, HeaderValue::from_bytes(line.as_bytes()).expect("a value"));
            }
            let peer = peer.parse().expect("an address");
            assert_eq!(client(trusted, peer, &headers).to_string(), expected, "{peer} {lines:?}");
        }
    }
}
