//! Voluntary Application Server Identification (RFC 8292): who sends, said by a token signed with ES256.

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use jiff::Timestamp;
use serde_json::json;

use super::base64url;

/// How long a token holds, in seconds; the RFC allows 24 hours.
const LIFETIME: i64 = 12 * 60 * 60;

/// The key by which push services and browsers know this server, with the address that they may write to.
pub struct VapidKey {
    pair: EcdsaKeyPair,
    public: String,
    contact: String,
}

/// The seed gives no key: one in four thousand million does not, and another is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this seed gives no key on P-256")]
pub struct SeedUnfit;

impl VapidKey {
    /// The key whose private number is the seed, big-endian. `contact` is a `mailto:` or `https:` URI.
    pub fn from_seed(seed: &[u8; 32], contact: String) -> Result<Self, SeedUnfit> {
        let private = PrivateKey::from_private_key(&ECDH_P256, seed).map_err(|_| SeedUnfit)?;
        let public = private.compute_public_key().map_err(|_| SeedUnfit)?;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            seed,
            public.as_ref(),
        );
        Ok(Self { pair: pair.map_err(|_| SeedUnfit)?, public: base64url(public.as_ref()), contact })
    }

    /// What a page gives to `pushManager.subscribe` as `applicationServerKey`: base64url of the 65 octets.
    #[must_use]
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The `Authorization` header of a message to a push service, named by its origin.
    pub(super) fn authorization(&self, origin: &str, now: Timestamp) -> Result<String, Unspecified> {
        let header = json!({"typ": "JWT", "alg": "ES256"});
        let claims = json!({"aud": origin, "exp": now.as_second() + LIFETIME, "sub": self.contact});
        let signed = [header, claims].map(|part| base64url(part.to_string().as_bytes())).join(".");
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes())?;
        Ok(format!("vapid t={signed}.{}, k={}", base64url(signature.as_ref()), self.public))
    }
}

impl std::fmt::Debug for VapidKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VapidKey").field("public", &self.public).finish_non_exhaustive()
    }
}
