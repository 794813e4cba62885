//! Webhooks: a signed POST to a URL that a person chose, under the guard.

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use jiff::Timestamp;
use reqwest::Client;

use crate::guard::resolver::Lookup;
use crate::guard::{self, GuardRules};
use crate::http_client::{self, Answer, NoAnswer};
use crate::{Bounds, Message, Outcome, Verdict, answer, retry, standard_webhooks};

/// The sender of webhooks. One client for all: its connections are shared by host and few.
pub(crate) struct Webhooks {
    client: Client,
    rules: GuardRules,
    bounds: Bounds,
}

impl Webhooks {
    pub(crate) fn new(rules: GuardRules, lookup: Arc<dyn Lookup>, bounds: Bounds) -> reqwest::Result<Self> {
        Ok(Self { client: http_client::guarded(&rules, lookup, &bounds)?, rules, bounds })
    }

    /// Posts the message's event. Only 2xx is success; 410 asks for an end.
    pub(crate) async fn send(
        &self,
        url: &str,
        secrets: &[String],
        message: &Message,
        now: Timestamp,
    ) -> Outcome {
        // Checked at each attempt: the rules may have changed since it was saved, and a literal address never reaches
        // the resolver.
        let Ok(target) = guard::check_url(&self.rules, url) else { return not_allowed() };
        let Ok(signature) = standard_webhooks::header(secrets, &message.id, now, &message.event) else {
            return Outcome::refused("The signing secret of this webhook is malformed.");
        };
        let request = self
            .client
            .post(target.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", now.as_second())
            .header("webhook-signature", signature)
            .body(message.event.clone());
        match http_client::exchange(request, &self.bounds, now).await {
            Ok(answer) => {
                let said = answer::fit(&answer.text(), &hidden(&target, secrets, message));
                judge(&answer).answered(answer.status, said)
            }
            Err(NoAnswer::Refused) => not_allowed(),
            Err(NoAnswer::Unreachable) => Outcome::retry("The receiver could not be reached."),
            Err(NoAnswer::TooSlow) => Outcome::retry("The receiver did not answer in time."),
            Err(NoAnswer::Broken) => Outcome::retry("The receiver broke off before it answered."),
        }
    }
}

/// The one answer to everything that the guard refuses.
fn not_allowed() -> Outcome {
    Outcome::refused("This destination is not allowed.")
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

/// What must not come back in a kept answer: the secrets, the secret part of the URL, the message's codes.
fn hidden<'a>(target: &'a url::Url, secrets: &'a [String], message: &'a Message) -> Vec<&'a str> {
    let bare = secrets.iter().map(|secret| secret.trim_start_matches("whsec_"));
    let mut hidden: Vec<&str> = secrets.iter().map(String::as_str).chain(bare).collect();
    hidden.push(&target[url::Position::BeforePath..]);
    hidden.push(&target[url::Position::BeforePath..url::Position::AfterPath]);
    hidden.extend(target.query());
    hidden.extend(answer::codes(&message.event));
    hidden
}
