//! What the mailbox promises whatever a `Host` says.

use super::visible::loopback;
use crate::fuzzing::text;

/// A host is this machine only by a name or an address that is.
pub(crate) fn host(bytes: &[u8]) {
    let host = text(bytes);
    if loopback(host) {
        let host = host.to_ascii_lowercase();
        assert!(["localhost", "127.", "::1", "0:0"].iter().any(|part| host.contains(part)), "{host}");
    }
}
