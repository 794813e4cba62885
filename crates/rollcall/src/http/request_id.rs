//! `X-Request-Id`: the caller's own where it is sane, else a new one; on every answer.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::app::App;

/// The header that carries it both ways.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const LONGEST: usize = 128;

/// The id of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The caller's own, if it is sane, else a new one.
    pub(super) fn of(headers: &HeaderMap, app: &App) -> Self {
        headers.get(X_REQUEST_ID).and_then(Self::sane).unwrap_or_else(|| {
            let fresh = app.fresh_uuid(app.now()).to_string();
            Self(HeaderValue::try_from(fresh).expect("a UUID is plain ASCII"))
        })
    }

    /// As it is sent.
    pub(super) fn into_value(self) -> HeaderValue {
        self.0
    }

    /// The caller's: 1 to 128 letters, digits, `-`, `_`, `.`, `:`, so that it is safe in any log.
    pub(super) fn sane(value: &HeaderValue) -> Option<Self> {
        let bytes = value.as_bytes();
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
        ((1..=LONGEST).contains(&bytes.len()) && bytes.iter().all(plain)).then(|| Self(value.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_short_ids_of_callers_are_kept() {
        let long = "x".repeat(LONGEST + 1);
        for (text, kept) in
            [("abc-1", true), ("a b", false), ("", false), ("{\"x\":1}", false), (long.as_str(), false)]
        {
            let value = HeaderValue::from_str(text).expect("a header value");
            assert_eq!(RequestId::sane(&value).is_some(), kept, "{text}");
        }
    }
}
