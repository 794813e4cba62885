//! Addresses of web receivers: the syntax alone. Whether a destination is allowed, the outbound guard decides.

use std::fmt;

use url::Url;

use super::invalid::Invalid;

/// The most octets.
const LONGEST: usize = 2_048;

/// An `http` or `https` URL with a host, without user info and fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct WebAddress {
    typed: String,
    url: Url,
}

impl WebAddress {
    /// Reads it; blanks around it do not count.
    ///
    /// # Errors
    /// `url_invalid`, `too_long`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let typed = text.trim();
        if typed.len() > LONGEST {
            return Err(Invalid::new("too_long", format!("A URL has {LONGEST} bytes at most.")));
        }
        let invalid = || Invalid::new("url_invalid", "Give a URL like https://hooks.example.com/rollcall.");
        if typed.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(invalid());
        }
        let url = Url::parse(typed).map_err(|_| invalid())?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(invalid());
        }
        Ok(Self { typed: typed.to_owned(), url })
    }

    /// As it was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.typed
    }

    /// As the URL standard writes it, for comparison.
    #[must_use]
    pub fn key(&self) -> &str {
        self.url.as_str()
    }

    /// The part of the path behind its last slash.
    pub(super) fn last_segment(&self) -> Option<&str> {
        self.url.path_segments()?.next_back()
    }

    /// Scheme, host and port; whatever follows may be a secret.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("{}/…", self.url.origin().ascii_serialization())
    }
}

impl fmt::Debug for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}
