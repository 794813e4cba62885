//! An ntfy server: JSON to its root, a topic of 1 to 64 letters, digits, `_` and `-`, a message of 4,096 octets.

use serde_json::json;

use super::{FakeVendor, Faults, Mood, Play};
use crate::http_answer::Answer;
use crate::http_server::Request;

pub(super) struct Ntfy;

impl Play for Ntfy {
    fn faults(request: &Request) -> Vec<String> {
        let mut faults = Faults::of_json(request);
        let body = request.json();
        let path = request.path.split('?').next().unwrap_or_default();
        faults.unless(path == "/", "JSON goes to the root");
        let topic = body["topic"].as_str().unwrap_or_default();
        let fits = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c == b'-';
        faults.unless((1..=64).contains(&topic.len()) && topic.bytes().all(fits), "topic invalid");
        faults.text(&body, "/message", 4_096, true);
        faults.unless(
            body["message"].as_str().is_some_and(|message| message.len() <= 4_096),
            "a message of more than 4,096 octets becomes an attachment",
        );
        faults.text(&body, "/title", 250, false);
        faults
            .unless(body["priority"].as_i64().is_none_or(|priority| (1..=5).contains(&priority)), "priority");
        for action in body["actions"].as_array().into_iter().flatten() {
            faults.unless(action["action"] == "view", "an action is unknown");
            faults.text(action, "/label", 100, true);
            faults.text(action, "/url", 3_000, true);
        }
        faults.found()
    }

    fn answer(mood: Mood, request: &Request, faults: &[String]) -> Answer {
        let error = |status: u16, code: u32, what: &str| {
            Answer::json(status, &json!({"code": code, "http": status, "error": what}))
        };
        match mood {
            Mood::Good if faults.is_empty() => {
                let body = request.json();
                let said = json!({"id": "x1", "event": "message", "topic": body["topic"], "message": body["message"]});
                Answer::json(200, &said)
            }
            Mood::Good => error(400, 40_024, "invalid request"),
            Mood::Refusing | Mood::Gone => error(403, 40_301, "forbidden"),
            Mood::Throttling => error(429, 42_901, "limit reached: too many requests")
                .with_header("retry-after", &FakeVendor::RETRY_AFTER.to_string()),
            Mood::Broken => error(500, 50_001, "internal server error"),
        }
    }
}
