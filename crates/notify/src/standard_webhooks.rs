//! Signing by Standard Webhooks 1.0.0 (<https://github.com/standard-webhooks/standard-webhooks>), the symmetric kind.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

const PREFIX: &str = "whsec_";

/// The text is no signing secret: `whsec_` (which may be absent) and the base64 of 24 to 64 octets. Does not quote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a signing secret: whsec_ and the base64 of 24 to 64 octets are expected")]
pub struct SecretMalformed;

/// A new secret from 32 random octets.
#[must_use]
pub fn new_secret(random: [u8; 32]) -> String {
    format!("{PREFIX}{}", STANDARD.encode(random))
}

/// The signature of one message by one secret: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.
///
/// `id` must not contain a dot (the notifier sees to that); `timestamp` is signed in whole seconds.
pub fn sign(secret: &str, id: &str, timestamp: Timestamp, body: &str) -> Result<String, SecretMalformed> {
    let key = STANDARD.decode(secret.strip_prefix(PREFIX).unwrap_or(secret)).map_err(|_| SecretMalformed)?;
    if !(24..=64).contains(&key.len()) {
        return Err(SecretMalformed);
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| SecretMalformed)?;
    mac.update(format!("{id}.{}.{body}", timestamp.as_second()).as_bytes());
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// The whole `webhook-signature` header: one signature for each secret, separated by blanks.
pub(crate) fn header(
    secrets: &[String],
    id: &str,
    timestamp: Timestamp,
    body: &str,
) -> Result<String, SecretMalformed> {
    if secrets.is_empty() {
        return Err(SecretMalformed);
    }
    let each: Result<Vec<_>, _> = secrets.iter().map(|secret| sign(secret, id, timestamp, body)).collect();
    Ok(each?.join(" "))
}
