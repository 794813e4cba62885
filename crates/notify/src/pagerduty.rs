//! PagerDuty's Events API v2 (<https://developer.pagerduty.com/docs/events-api-v2-overview>), at the operator's base.

use http::header::CONTENT_TYPE;
use jiff::Timestamp;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::time::Instant;
use url::Url;

use crate::http_client::{self, Answer};
use crate::{Bounds, Message, Outcome, Severity, Verdict, answer, cut, retry};

/// Longest summary, in characters.
const SUMMARY: usize = 1_024;
/// The body may have 512 KB in all.
const DETAILS: usize = 16_000;

/// The sender of events.
pub(crate) struct PagerDuty {
    client: Client,
    base: Url,
    bounds: Bounds,
}

impl PagerDuty {
    pub(crate) fn new(client: Client, base: Url, bounds: Bounds) -> Self {
        Self { client, base, bounds }
    }

    /// Opens an incident. What is merely good to know (a code, a test) is resolved at once: nobody need be woken by it.
    ///
    /// Both carry the message's id as `dedup_key`, so that a repetition opens no second incident. The attempt is only done
    /// when the incident is closed again.
    pub(crate) async fn send(
        &self,
        key: &str,
        message: &Message,
        now: Timestamp,
    ) -> Result<Outcome, Outcome> {
        let end = Instant::now() + self.bounds.total;
        let outcome = self.post(key, &trigger(key, message), message, end, now).await?;
        if outcome.verdict != Verdict::Delivered || message.severity != Severity::Info {
            return Ok(outcome);
        }
        self.post(key, &resolve(key, message), message, end, now).await
    }

    async fn post(
        &self,
        key: &str,
        event: &Value,
        message: &Message,
        end: Instant,
        now: Timestamp,
    ) -> Result<Outcome, Outcome> {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["v2", "enqueue"]);
        }
        let bounds = Bounds { total: end.saturating_duration_since(Instant::now()), ..self.bounds };
        let request = self.client.post(url).header(CONTENT_TYPE, "application/json").body(event.to_string());
        let answer = http_client::answered(request, &bounds, now).await?;
        let hide: Vec<&str> = answer::codes(&message.body).chain([key]).collect();
        Ok(judge(&answer).answered(answer.status, answer::fit(&answer.text(), &hide)))
    }
}

fn trigger(key: &str, message: &Message) -> Value {
    let mut event = json!({
        "payload": {
            "summary": cut::characters(&message.short, SUMMARY),
            "source": "Rollcall",
            "severity": message.severity.as_str(),
            "custom_details": {"title": message.title, "message": cut::characters(&message.body, DETAILS)},
        },
        "event_action": "trigger",
        "client": "Rollcall",
    });
    if let Some(link) = &message.link {
        event["links"] = json!([{"href": link.url, "text": link.label}]);
    }
    event["dedup_key"] = dedup_key(message).into();
    event["routing_key"] = key.into();
    event
}

fn resolve(key: &str, message: &Message) -> Value {
    json!({"event_action": "resolve", "dedup_key": dedup_key(message), "routing_key": key})
}

fn dedup_key(message: &Message) -> String {
    format!("rollcall-{}", message.id)
}

fn judge(answer: &Answer) -> Outcome {
    let status = answer.status;
    let detail = match (retry::of_http_status(status, None), status) {
        (Verdict::Delivered, _) => "PagerDuty accepted the event.".to_owned(),
        (_, 400) => "PagerDuty refuses the event: is the routing key right?".to_owned(),
        (_, 429) => "PagerDuty asks to send less often.".to_owned(),
        _ => format!("PagerDuty answered with status {status}."),
    };
    Outcome::new(retry::of_http_status(status, answer.after), detail)
}
