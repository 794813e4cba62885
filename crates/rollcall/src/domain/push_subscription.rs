//! Push subscriptions of browsers, as JSON text (W3C Push API, `PushSubscription.toJSON()`).

use std::fmt;

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;

use super::invalid::Invalid;
use super::web_address::WebAddress;

/// The most octets of the text.
const LONGEST: usize = 4_096;
/// An uncompressed point on P-256, and the secret beside it (RFC 8291 §3.1 and §3.2).
const P256DH: usize = 65;
const AUTH: usize = 16;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// An endpoint with the keys of the browser behind it.
#[derive(Clone, PartialEq, Eq)]
pub struct PushSubscription {
    typed: String,
    endpoint: WebAddress,
    keys: Keys,
}

#[derive(Deserialize)]
struct Wire {
    endpoint: String,
    keys: Keys,
}

#[derive(Clone, PartialEq, Eq, Deserialize)]
struct Keys {
    p256dh: String,
    auth: String,
}

impl PushSubscription {
    /// Reads the JSON; members beyond the endpoint and the two keys do not count.
    ///
    /// # Errors
    /// `subscription_invalid`, `too_long`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let typed = text.trim();
        if typed.len() > LONGEST {
            return Err(Invalid::new("too_long", format!("A subscription has {LONGEST} bytes at most.")));
        }
        let invalid = |why: &'static str| Invalid::new("subscription_invalid", why);
        let Wire { endpoint, keys } = serde_json::from_str(typed).map_err(|_| {
            invalid("Give a browser's push subscription as JSON: endpoint, keys.p256dh and keys.auth.")
        })?;
        let endpoint = WebAddress::parse(&endpoint).map_err(|_| invalid("endpoint is no URL."))?;
        let octets = |key: &str| BASE64.decode(key).ok();
        if !octets(&keys.p256dh).is_some_and(|key| key.len() == P256DH && key[0] == 4) {
            return Err(invalid("keys.p256dh is not the base64url of 65 bytes that begin with 4."));
        }
        if octets(&keys.auth).is_none_or(|key| key.len() != AUTH) {
            return Err(invalid("keys.auth is not the base64url of 16 bytes."));
        }
        Ok(Self { typed: typed.to_owned(), endpoint, keys })
    }

    /// As it was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.typed
    }

    /// The URL at the push service.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        self.endpoint.as_str()
    }

    /// The browser's public key, base64url.
    #[must_use]
    pub fn p256dh(&self) -> &str {
        &self.keys.p256dh
    }

    /// The shared secret, base64url.
    #[must_use]
    pub fn auth(&self) -> &str {
        &self.keys.auth
    }

    /// For comparison: endpoint and keys, whatever the JSON around them looks like.
    #[must_use]
    pub fn key(&self) -> String {
        let bare = |key: &str| key.trim_end_matches('=').to_owned();
        [self.endpoint.key().to_owned(), bare(&self.keys.p256dh), bare(&self.keys.auth)].join(" ")
    }

    /// The push service alone, still JSON.
    #[must_use]
    pub fn masked(&self) -> String {
        let endpoint = self.endpoint.masked();
        serde_json::json!({"endpoint": endpoint, "keys": {"p256dh": "…", "auth": "…"}}).to_string()
    }
}

impl fmt::Debug for PushSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PushSubscription({:?})", self.endpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(octets: usize, first: u8) -> String {
        let mut key = vec![7; octets];
        key[0] = first;
        BASE64.encode(key)
    }

    fn json(endpoint: &str, p256dh: &str, auth: &str) -> String {
        serde_json::json!({"endpoint": endpoint, "expirationTime": null, "keys": {"p256dh": p256dh, "auth": auth}})
            .to_string()
    }

    #[test]
    fn what_a_browser_writes_is_read_and_masked() {
        let (p256dh, auth) = (key(65, 4), key(16, 1));
        let text = json("https://push.example.com/secret-endpoint", &p256dh, &auth);
        let subscription = PushSubscription::parse(&text).expect("a subscription");
        let bare = json(
            "https://push.example.com/secret-endpoint",
            p256dh.trim_end_matches('='),
            auth.trim_end_matches('='),
        );
        assert_eq!(
            subscription.key(),
            PushSubscription::parse(&bare.replace(':', " : ").replace(" : //", "://"))
                .expect("the same")
                .key()
        );
        let masked = subscription.masked();
        assert!(masked.contains("https://push.example.com/…"), "{masked}");
        for secret in ["secret-endpoint", &p256dh, &auth] {
            assert!(!masked.contains(secret) && !format!("{subscription:?}").contains(secret));
        }
    }

    #[test]
    fn keys_of_another_length_and_missing_members_are_refused() {
        let url = "https://push.example.com/x";
        let (p256dh, auth) = (key(65, 4), key(16, 1));
        for text in [
            String::new(),
            "{}".to_owned(),
            url.to_owned(),
            json("push.example.com", &p256dh, &auth),
            json(url, &key(64, 4), &auth),
            json(url, &key(65, 2), &auth),
            json(url, &p256dh, &key(15, 1)),
            json(url, "??", &auth),
            format!("{{\"endpoint\": \"{url}\"}}"),
            json(url, &p256dh, &auth) + "x",
        ] {
            assert!(PushSubscription::parse(&text).is_err(), "{text}");
        }
    }
}
