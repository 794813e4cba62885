//! Webhooks: a signed POST to a URL that a person chose, under the guard.

use http::header::CONTENT_TYPE;
use jiff::Timestamp;

use crate::guarded::{Guarded, words};
use crate::http_client::Answer;
use crate::{Message, Outcome, Verdict, retry, standard_webhooks};

/// Posts the message's event. Only 2xx is success; 410 asks for an end.
pub(crate) async fn send(
    web: &Guarded,
    url: &str,
    secrets: &[String],
    message: &Message,
    now: Timestamp,
) -> Result<Outcome, Outcome> {
    let target = web.target(url)?;
    let signature = standard_webhooks::header(secrets, &message.id, now, &message.event)
        .map_err(|_| Outcome::refused("The signing secret of this webhook is malformed."))?;
    let request = web
        .post(&target)
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-id", &message.id)
        .header("webhook-timestamp", now.as_second())
        .header("webhook-signature", signature)
        .body(message.event.clone());
    let answer = web.send(request, now).await?;
    let bare = secrets.iter().map(|secret| secret.trim_start_matches("whsec_"));
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).chain(bare).collect();
    Ok(judge(&answer).answered(answer.status, words(&answer, &target, message, &secrets)))
}

fn judge(answer: &Answer) -> Outcome {
    let status = answer.status;
    let verdict = match retry::of_http_status(status, answer.after) {
        // Standard Webhooks: "410 Gone" asks the sender to disable the endpoint.
        Verdict::Refused if status == 410 => Verdict::Gone,
        verdict => verdict,
    };
    let detail = match (&verdict, status) {
        (Verdict::Delivered, _) => "The receiver accepted the message.".to_owned(),
        (Verdict::Gone, _) => "The receiver asks not to be called any more (status 410).".to_owned(),
        (_, 300..=399) => format!("The receiver points elsewhere (status {status}), which is not followed."),
        _ => format!("The receiver answered with status {status}."),
    };
    Outcome::new(verdict, detail)
}
