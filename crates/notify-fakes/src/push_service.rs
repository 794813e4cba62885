//! A push service with a browser behind it: checks who sends (RFC 8292) and how (RFC 8030), and decrypts (RFC 8291).

use std::sync::{Arc, Mutex};

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey as Verifier};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::http_answer::Answer;
use crate::http_server::{HttpServer, Request};
use crate::kept::{Kept, locked};
use crate::vendor::{FakeVendor, Mood};

/// The browser's secret; its private key is fixed too, so that another program can decrypt what was sent.
const AUTH: [u8; 16] = [7; 16];
const PRIVATE: [u8; 32] = [9; 32];

/// One message that a browser got.
#[derive(Clone, Debug)]
pub struct Pushed {
    /// The request, its body still encrypted.
    pub request: Request,
    /// What it says once decrypted.
    pub payload: Value,
    /// The claims of who sent it.
    pub claims: Value,
}

/// A running push service with one browser.
pub struct FakePushService {
    server: HttpServer,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    pushed: Kept<Result<Pushed, String>>,
    mood: Mutex<Mood>,
}

impl FakePushService {
    /// Starts one on a free port of 127.0.0.1.
    ///
    /// # Panics
    /// If loopback cannot be listened on.
    pub async fn start() -> Self {
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let server = HttpServer::start(move |request| {
            let pushed = read(&request);
            let refused = pushed.as_ref().err().cloned();
            shared.pushed.push(pushed);
            answer(*locked(&shared.mood), refused)
        });
        Self { server: server.await, state }
    }

    /// Sets how it is disposed from now on.
    pub fn be(&self, mood: Mood) {
        *locked(&self.state.mood) = mood;
    }

    /// The subscription of its browser, as `JSON.stringify(subscription)` writes it, the `n`-th of many.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn subscription(&self, n: u32) -> String {
        let keys: Value = serde_json::from_str(&Self::keys_of_browser()).expect("JSON");
        let endpoint = format!("http://{}/push/pushCanarySecret{n}", self.server.address());
        json!({"endpoint": endpoint, "expirationTime": null, "keys": keys}).to_string()
    }

    /// The `keys` of the browser's subscription, as JSON.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn keys_of_browser() -> String {
        json!({"p256dh": base64(public_key().as_ref()), "auth": base64(&AUTH)}).to_string()
    }

    /// The private key and the secret of the browser, base64url: for another program that decrypts.
    #[must_use]
    pub fn keys() -> (String, String) {
        (base64(&PRIVATE), base64(&AUTH))
    }

    /// Waits until there are `n` messages, and gives all.
    ///
    /// # Panics
    /// After [`crate::PATIENCE`], or when one was not right.
    pub async fn wait_for(&self, n: usize) -> Vec<Pushed> {
        let pushed = self.state.pushed.wait_for("push message", n).await;
        pushed.into_iter().map(|one| one.unwrap_or_else(|wrong| panic!("a push message: {wrong}"))).collect()
    }
}

fn answer(mood: Mood, refused: Option<String>) -> Answer {
    match (mood, refused) {
        (Mood::Good, None) => Answer::status(201).with_header("location", "/message/1"),
        (Mood::Good, Some(wrong)) => Answer::text(400, &wrong),
        (Mood::Refusing, _) => Answer::text(413, "payload too large"),
        (Mood::Throttling, _) => Answer::too_many(&FakeVendor::RETRY_AFTER.to_string()),
        (Mood::Gone, _) => Answer::text(410, "push subscription has unsubscribed or expired."),
        (Mood::Broken, _) => Answer::status(502),
    }
}

fn read(request: &Request) -> Result<Pushed, String> {
    let header = |name: &str| request.header(name).ok_or_else(|| format!("no {name}"));
    let right = |right: bool, wrong: &str| right.then_some(()).ok_or_else(|| wrong.to_owned());
    right(request.method == "POST", "not a POST")?;
    right(header("ttl")?.parse::<u32>().is_ok(), "ttl is no number")?;
    right(header("content-encoding")? == "aes128gcm", "not aes128gcm")?;
    right(["very-low", "low", "normal", "high"].contains(&header("urgency")?), "urgency is unknown")?;
    let topic = request.header("topic").unwrap_or("a");
    let fits = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c == b'-';
    right((1..=32).contains(&topic.len()) && topic.bytes().all(fits), "topic is malformed")?;
    right(request.body.len() <= 4_096, "more than 4,096 octets")?;
    let claims = claims(header("authorization")?).ok_or("the token does not verify")?;
    let origin = format!("http://{}", header("host")?);
    right(claims["aud"] == origin, "aud is another origin")?;
    right(claims["exp"].is_i64(), "exp is missing")?;
    let sub = claims["sub"].as_str().unwrap_or_default();
    right(sub.starts_with("mailto:") || sub.starts_with("https:"), "sub is no contact")?;
    let plain = decrypt(&request.body).map_err(|_| "it does not decrypt".to_owned())?;
    let payload = serde_json::from_slice(&plain).map_err(|_| "the payload is no JSON".to_owned())?;
    Ok(Pushed { request: request.clone(), payload, claims })
}

/// The claims of `vapid t=…, k=…`, if the token is signed with the key beside it.
fn claims(authorization: &str) -> Option<Value> {
    let (token, key) = authorization.strip_prefix("vapid t=")?.split_once(", k=")?;
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
    let header: Value = serde_json::from_slice(&decode(header)?).ok()?;
    Verifier::new(&ECDSA_P256_SHA256_FIXED, decode(key)?)
        .verify(signed.as_bytes(), &decode(signature)?)
        .ok()
        .filter(|()| header["alg"] == "ES256")?;
    serde_json::from_slice(&decode(claims)?).ok()
}

fn decrypt(body: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let (salt, rest) = body.split_first_chunk::<16>().ok_or(Unspecified)?;
    let (_record, rest) = rest.split_first_chunk::<4>().ok_or(Unspecified)?;
    let (length, rest) = rest.split_first().ok_or(Unspecified)?;
    let (sender, sealed) = rest.split_at_checked(usize::from(*length)).ok_or(Unspecified)?;
    let info = [b"WebPush: info\0", public_key().as_ref(), sender].concat();
    let ikm: [u8; 32] =
        agree(&private_key(), UnparsedPublicKey::new(&ECDH_P256, sender), Unspecified, |shared| {
            derive(&AUTH, shared, &info)
        })?;
    let key: [u8; 16] = derive(salt, &ikm, b"Content-Encoding: aes128gcm\0")?;
    let nonce: [u8; 12] = derive(salt, &ikm, b"Content-Encoding: nonce\0")?;
    let mut sealed = sealed.to_vec();
    let opened = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?).open_in_place(
        Nonce::assume_unique_for_key(nonce),
        Aad::empty(),
        &mut sealed,
    )?;
    // The padding: noughts after the delimiter of the last record.
    let end = opened.iter().rposition(|octet| *octet != 0).ok_or(Unspecified)?;
    if opened[end] == 2 { Ok(opened[..end].to_vec()) } else { Err(Unspecified) }
}

fn private_key() -> PrivateKey {
    PrivateKey::from_private_key(&ECDH_P256, &PRIVATE).expect("a key on P-256")
}

fn public_key() -> aws_lc_rs::agreement::PublicKey {
    private_key().compute_public_key().expect("a private key has a public one")
}

fn base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive<const N: usize>(salt: &[u8], secret: &[u8], info: &[u8]) -> Result<[u8; N], Unspecified> {
    let mut out = [0; N];
    Salt::new(HKDF_SHA256, salt).extract(secret).expand(&[info], Length(N))?.fill(&mut out)?;
    Ok(out)
}
