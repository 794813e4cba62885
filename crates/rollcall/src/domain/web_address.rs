//! Addresses of web receivers: the syntax alone. Whether a destination is allowed, the outbound guard decides.

use std::fmt;

use url::Url;

use super::invalid::Invalid;

/// The most octets.
const LONGEST: usize = 2_048;

/// An `http` or `https` URL with a host.
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
        // The URL standard forgives missing slashes and turned ones; other readers of the text as it was typed do not.
        let odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
        let (scheme, rest) = typed.split_once("://").ok_or_else(invalid)?;
        let known = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
        if !known || rest.starts_with('/') || typed.chars().any(odd) {
            return Err(invalid());
        }
        let url = Url::parse(typed).map_err(|_| invalid())?;
        if url.host().is_none() {
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

    /// Whose server it is: the dot that may end a name says nothing.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default().trim_end_matches('.')
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_the_same_to_everybody() {
        for text in ["https://a.example", "HTTP://A.example:8080/x?y#z", " https://[::1]/ "] {
            assert!(WebAddress::parse(text).is_ok(), "{text}");
        }
        for text in [
            "https:a.example",
            "https:/a.example",
            "https:///a.example",
            "https:a?b://c",
            "https:\\\\a.example",
            "https://",
            "ftp://a",
        ] {
            assert!(WebAddress::parse(text).is_err(), "{text}");
        }
    }
}
