//! The server's secret keys: sealing secrets at rest and digests that cannot be guessed without them.

mod file;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;

use std::sync::Arc;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::entropy::Entropy;

pub use file::{KeyFileError, load_or_create};

const NONCE: usize = 24;
const KEY_ID: usize = 4;

/// One key of 256 bits, known by the first bytes of its digest.
#[derive(Clone)]
pub struct SecretKey {
    id: [u8; KEY_ID],
    seal: [u8; 32],
    digest: [u8; 32],
    vapid: [u8; 32],
}

impl SecretKey {
    /// A key from 32 random bytes; sealing and digests use keys derived from it, one each.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        let derive = |purpose: &str| {
            let mut mac = keyed(bytes);
            mac.update(purpose.as_bytes());
            <[u8; 32]>::from(mac.finalize().into_bytes())
        };
        let id = Sha256::digest(derive("id"));
        Self {
            id: std::array::from_fn(|index| id[index]),
            seal: derive("seal"),
            digest: derive("digest"),
            vapid: derive("vapid"),
        }
    }
}

/// The keys in use: the first seals and digests, the others only open what they sealed before a rotation.
#[derive(Clone)]
pub struct Keyring {
    keys: Arc<[SecretKey]>,
}

impl Keyring {
    /// A ring of at least one key, the current one first.
    #[must_use]
    pub fn new(current: SecretKey, former: Vec<SecretKey>) -> Self {
        let mut keys = vec![current];
        keys.extend(former);
        Self { keys: keys.into() }
    }

    /// Seals a secret with XChaCha20-Poly1305. `context` says whose it is and where it stands: moved to another row, it does not open.
    pub fn seal(&self, entropy: &dyn Entropy, context: &str, secret: &[u8]) -> Vec<u8> {
        let key = &self.keys[0];
        let mut nonce = [0; NONCE];
        entropy.fill(&mut nonce);
        let payload = Payload { msg: secret, aad: context.as_bytes() };
        let sealed = cipher(key)
            .encrypt(&XNonce::from(nonce), payload)
            .expect("a message of less than 256 GiB can be sealed");
        [&key.id[..], &nonce, &sealed].concat()
    }

    /// Opens what [`Keyring::seal`] sealed; none where the key is gone, the context differs or a byte was changed.
    #[must_use]
    pub fn open(&self, context: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (id, rest) = sealed.split_first_chunk::<KEY_ID>()?;
        let (nonce, message) = rest.split_first_chunk::<NONCE>()?;
        let key = self.keys.iter().find(|key| key.id == *id)?;
        let payload = Payload { msg: message, aad: context.as_bytes() };
        cipher(key).decrypt(&XNonce::from(*nonce), payload).ok()
    }

    /// What the key is made of that browsers know this server by. It is of the oldest key, since a subscription to
    /// another one ends: it outlives rotations for as long as that key stays in the file.
    #[must_use]
    pub fn vapid_seed(&self) -> [u8; 32] {
        self.keys[self.keys.len() - 1].vapid
    }

    /// HMAC-SHA256 over a purpose and parts, unambiguous in their lengths, with the current key.
    #[must_use]
    pub fn digest(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = keyed(&self.keys[0].digest);
        for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

fn keyed(bytes: &[u8; 32]) -> Hmac<Sha256> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(bytes).expect("HMAC takes a key of any length")
}

fn cipher(key: &SecretKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(key.seal))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;

    fn ring(byte: u8, former: &[u8]) -> Keyring {
        let key = |byte| SecretKey::new(&[byte; 32]);
        Keyring::new(key(byte), former.iter().map(|byte| key(*byte)).collect())
    }

    #[test]
    fn a_secret_opens_only_in_its_own_place() {
        let sealed = ring(1, &[]).seal(&SystemEntropy, "channel a", b"secret");
        assert_eq!(ring(1, &[]).open("channel a", &sealed).as_deref(), Some(&b"secret"[..]));
        assert_eq!(ring(1, &[]).open("channel b", &sealed), None);
        assert_eq!(ring(2, &[]).open("channel a", &sealed), None);
    }

    #[test]
    fn a_changed_byte_does_not_open() {
        let sealed = ring(1, &[]).seal(&SystemEntropy, "a", b"secret");
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert_eq!(ring(1, &[]).open("a", &changed), None, "byte {index}");
        }
    }

    #[test]
    fn a_former_key_still_opens_after_a_rotation() {
        let sealed = ring(1, &[]).seal(&SystemEntropy, "a", b"secret");
        assert_eq!(ring(2, &[1]).open("a", &sealed).as_deref(), Some(&b"secret"[..]));
    }

    #[test]
    fn browsers_know_the_server_by_its_oldest_key() {
        assert_eq!(ring(2, &[1]).vapid_seed(), ring(1, &[]).vapid_seed());
        assert_ne!(ring(2, &[]).vapid_seed(), ring(1, &[]).vapid_seed());
    }

    #[test]
    fn parts_of_a_digest_do_not_run_together() {
        let ring = ring(1, &[]);
        assert_ne!(ring.digest("p", &[b"ab", b"c"]), ring.digest("p", &[b"a", b"bc"]));
        assert_ne!(ring.digest("p", &[b"a"]), ring.digest("q", &[b"a"]));
    }
}
