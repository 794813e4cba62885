//! What the mailbox promises whatever a `Host` says.

use std::net::Ipv6Addr;

use super::visible::loopback;
use crate::fuzzing::text;

/// A host is this machine only by a name or an address that is.
pub(crate) fn host(bytes: &[u8]) {
    let host = text(bytes);
    if loopback(host) {
        let host = host.to_ascii_lowercase();
        let literal = host.strip_prefix('[').and_then(|rest| rest.split(']').next());
        let before_port = host.rsplit_once(':').map(|(name, _)| name);
        // However it is spelled.
        let is_one = |text: &str| text.parse() == Ok(Ipv6Addr::LOCALHOST);
        let spelled = [literal, before_port, Some(host.as_str())].into_iter().flatten().any(is_one);
        assert!(spelled || host.contains("localhost") || host.contains("127."), "{host}");
    }
}
