//! What the key file's parser promises whatever the file holds.

use std::path::Path;

use super::file::parse;
use crate::entropy::SystemEntropy;

/// A key file: refused with its line, or a ring that opens what it sealed.
pub(crate) fn file(text: &str) {
    if let Ok(ring) = parse(Path::new("keys"), text) {
        let sealed = ring.seal(&SystemEntropy, "a row", b"a secret");
        assert_eq!(ring.open("a row", &sealed).as_deref(), Some(b"a secret".as_slice()));
        assert_eq!(ring.open("another", &sealed), None);
        assert!(ring.open("a row", text.as_bytes()).is_none());
    }
}
