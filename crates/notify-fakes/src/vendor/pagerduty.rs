//! PagerDuty's Events API v2: a routing key of 32 characters, a summary, a source, a severity; 202 for what it takes.

use serde_json::json;

use super::{FakeVendor, Faults, Mood, Play};
use crate::http_answer::Answer;
use crate::http_server::Request;

pub(super) struct PagerDuty;

impl Play for PagerDuty {
    fn faults(request: &Request) -> Vec<String> {
        let mut faults = Faults::of_json(request);
        let body = request.json();
        faults.unless(request.path == "/v2/enqueue", "not /v2/enqueue");
        faults.unless(request.body.len() <= 512 * 1024, "more than 512 KB");
        let key = body["routing_key"].as_str().unwrap_or_default();
        faults
            .unless(key.len() == 32 && key.bytes().all(|c| c.is_ascii_alphanumeric()), "Invalid routing key");
        faults.text(&body, "/dedup_key", 255, false);
        match body["event_action"].as_str() {
            Some("trigger") => {
                faults.text(&body, "/payload/summary", 1_024, true);
                faults.text(&body, "/payload/source", 255, true);
                let severity = body["payload"]["severity"].as_str().unwrap_or_default();
                faults.unless(
                    ["critical", "error", "warning", "info"].contains(&severity),
                    "severity is unknown",
                );
                for link in body["links"].as_array().into_iter().flatten() {
                    faults.text(link, "/href", 2_048, true);
                }
            }
            Some("acknowledge" | "resolve") => {
                faults.unless(body["dedup_key"].is_string(), "dedup_key is missing");
            }
            _ => faults.unless(false, "event_action is unknown"),
        }
        faults.found()
    }

    fn answer(mood: Mood, request: &Request, faults: &[String]) -> Answer {
        let invalid = |errors: &[String]| {
            let message = "Event object is invalid";
            Answer::json(400, &json!({"status": "invalid event", "message": message, "errors": errors}))
        };
        match mood {
            Mood::Good if faults.is_empty() => {
                let key = request.json()["dedup_key"].clone();
                let said = json!({"status": "success", "message": "Event processed", "dedup_key": key});
                Answer::json(202, &said)
            }
            Mood::Good => invalid(faults),
            Mood::Refusing | Mood::Gone => invalid(&["Invalid routing key".to_owned()]),
            Mood::Throttling => Answer::too_many(&FakeVendor::RETRY_AFTER.to_string()),
            Mood::Broken => Answer::status(500),
        }
    }
}
