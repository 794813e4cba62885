//! Message Encryption for Web Push (RFC 8291) in one record of `aes128gcm` (RFC 8188).

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, ParsedPublicKey, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::{error::Unspecified, rand};

/// The most octets of a plaintext: 4,096 of the body, which every push service takes, less header, delimiter and tag.
pub const LONGEST: usize = 3_993;
/// Octets of a record, and of the body that is one.
const RECORD: u32 = 4_096;
/// An uncompressed point on P-256.
const POINT: usize = 65;
const AUTH: usize = 16;
/// The delimiter of the last record (RFC 8188 §2).
const LAST: u8 = 2;

/// Why a message cannot be encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncryptError {
    /// The browser's key is no point on P-256, or its secret has not 16 octets.
    #[error("the subscription's keys are malformed")]
    Keys,
    /// It is longer than [`LONGEST`].
    #[error("the message is longer than {LONGEST} octets")]
    TooLong,
    /// The cryptographic library refuses.
    #[error("the message cannot be encrypted")]
    Failed,
}

/// What is used for one message and never again.
pub struct Ephemeral {
    private: PrivateKey,
    salt: [u8; 16],
}

impl Ephemeral {
    /// A fresh one, from the system's randomness.
    pub fn new() -> Result<Self, EncryptError> {
        let private = PrivateKey::generate(&ECDH_P256).map_err(|_| EncryptError::Failed)?;
        let mut salt = [0; 16];
        rand::fill(&mut salt).map_err(|_| EncryptError::Failed)?;
        Ok(Self { private, salt })
    }

    /// One of known parts: the private key's 32 octets and the salt. For published examples alone.
    pub fn known(private: &[u8], salt: [u8; 16]) -> Result<Self, EncryptError> {
        let private = PrivateKey::from_private_key(&ECDH_P256, private).map_err(|_| EncryptError::Keys)?;
        Ok(Self { private, salt })
    }
}

/// Whether these octets are an uncompressed point on P-256.
#[must_use]
pub fn is_public_key(octets: &[u8]) -> bool {
    octets.len() == POINT
        && ParsedPublicKey::try_from(UnparsedPublicKey::new(&ECDH_P256, octets)).is_ok_and(|_| octets[0] == 4)
}

/// The body of a push message.
pub fn encrypt(
    p256dh: &[u8],
    auth: &[u8],
    plaintext: &[u8],
    once: &Ephemeral,
) -> Result<Vec<u8>, EncryptError> {
    if !is_public_key(p256dh) || auth.len() != AUTH {
        return Err(EncryptError::Keys);
    }
    if plaintext.len() > LONGEST {
        return Err(EncryptError::TooLong);
    }
    seal(p256dh, auth, plaintext, once).map_err(|_| EncryptError::Failed)
}

fn seal(p256dh: &[u8], auth: &[u8], plaintext: &[u8], once: &Ephemeral) -> Result<Vec<u8>, Unspecified> {
    let public = once.private.compute_public_key()?;
    let info = [b"WebPush: info\0", p256dh, public.as_ref()].concat();
    // RFC 8291 §3.4, then RFC 8188 §2.2.
    let ikm: [u8; 32] =
        agree(&once.private, UnparsedPublicKey::new(&ECDH_P256, p256dh), Unspecified, |shared| {
            derive(auth, shared, &info)
        })?;
    let key: [u8; 16] = derive(&once.salt, &ikm, b"Content-Encoding: aes128gcm\0")?;
    let nonce: [u8; 12] = derive(&once.salt, &ikm, b"Content-Encoding: nonce\0")?;
    let mut record = [plaintext, &[LAST]].concat();
    LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?).seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::empty(),
        &mut record,
    )?;
    let id_length = [u8::try_from(POINT).map_err(|_| Unspecified)?];
    Ok([&once.salt, &RECORD.to_be_bytes()[..], &id_length, public.as_ref(), &record].concat())
}

/// The length of what HKDF gives.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF with SHA-256: extract, then expand to `N` octets.
fn derive<const N: usize>(salt: &[u8], secret: &[u8], info: &[u8]) -> Result<[u8; N], Unspecified> {
    let mut out = [0; N];
    Salt::new(HKDF_SHA256, salt).extract(secret).expand(&[info], Length(N))?.fill(&mut out)?;
    Ok(out)
}
