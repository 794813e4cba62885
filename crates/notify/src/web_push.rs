//! Web Push: an encrypted message (RFC 8291) to a browser's push service (RFC 8030), signed by this server (RFC 8292).

mod encrypt;
mod vapid;

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose::URL_SAFE_NO_PAD};
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use jiff::Timestamp;
use serde_json::json;

pub use self::encrypt::{EncryptError, Ephemeral, LONGEST, encrypt, is_public_key};
pub use self::vapid::{SeedUnfit, VapidKey};
use crate::guarded::{Guarded, words};
use crate::http_client::Answer;
use crate::message::Paragraph;
use crate::{Message, Outcome, Severity, Subscription, Verdict, cut, retry};

/// Browsers write no padding; programs do.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// The longest time that push services hold a message back: four weeks.
const LONGEST_TTL: u64 = 28 * 24 * 60 * 60;
/// Octets of a title and of a body: with the JSON around them, whatever is escaped, they stay below [`LONGEST`].
const TITLE: usize = 200;
const BODY: usize = 1_200;

/// Reads a key of a subscription, base64url with or without padding.
#[must_use]
pub fn decode_key(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

/// Encrypts and posts the message.
pub(crate) async fn send(
    web: &Guarded,
    vapid: &VapidKey,
    to: &Subscription,
    message: &Message,
    now: Timestamp,
) -> Result<Outcome, Outcome> {
    let target = web.target(&to.endpoint)?;
    let unfit = |_| Outcome::refused("The keys of this browser's subscription are malformed.");
    let (p256dh, auth) =
        (decode_key(&to.p256dh).unwrap_or_default(), decode_key(&to.auth).unwrap_or_default());
    let text = payload(message);
    let body = encrypt(&p256dh, &auth, text.as_bytes(), &Ephemeral::new().map_err(unfit)?).map_err(unfit)?;
    let authorization = vapid
        .authorization(&target.origin().ascii_serialization(), now)
        .map_err(|_| Outcome::retry("The message could not be signed."))?;
    let is_code = message.paragraphs().any(|paragraph| matches!(paragraph, Paragraph::Code(_)));
    let mut request = web
        .post(&target)
        .header("ttl", message.lifetime.as_secs().min(LONGEST_TTL))
        .header("urgency", if is_code || message.severity != Severity::Info { "high" } else { "normal" })
        .header(CONTENT_TYPE, "application/octet-stream")
        .header(CONTENT_ENCODING, "aes128gcm")
        .header(AUTHORIZATION, authorization)
        .body(body);
    if is_code {
        // A newer code takes the place of one that was not shown yet and is void.
        request = request.header("topic", "rollcall-code");
    }
    let answer = web.send(request, now).await?;
    Ok(judge(&answer).answered(answer.status, words(&answer, &target, message, &[])))
}

/// What the page's worker gets: a declarative push message (W3C Push API, draft), which some browsers show without a worker.
fn payload(message: &Message) -> String {
    let mut notification = json!({
        "title": cut::octets(&message.title, TITLE), "body": cut::octets(&message.code_first("\n"), BODY), "tag": message.id,
    });
    if let Some(link) = message.link.as_ref().filter(|link| link.url.len() <= 1_000) {
        notification["navigate"] = link.url.clone().into();
    }
    json!({"web_push": 8030, "notification": notification}).to_string()
}

fn judge(answer: &Answer) -> Outcome {
    let status = answer.status;
    let (verdict, detail) = match (retry::of_http_status(status, answer.after), status) {
        (Verdict::Delivered, _) => (Verdict::Delivered, "The push service accepted the message.".to_owned()),
        (_, 404 | 410) => (Verdict::Gone, "The browser's subscription has ended.".to_owned()),
        (verdict, 413) => (verdict, "The push service finds the message too long.".to_owned()),
        (verdict, 429) => (verdict, "The push service asks to send less often.".to_owned()),
        (verdict, 401 | 403) => {
            (verdict, "The push service refuses this server's key: subscribe again.".to_owned())
        }
        (verdict, _) => (verdict, format!("The push service answered with status {status}.")),
    };
    Outcome::new(verdict, detail)
}

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
