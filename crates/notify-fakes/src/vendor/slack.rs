//! Slack's incoming webhooks: blocks within their limits, `&`, `<` and `>` escaped; answers are plain words.

use serde_json::Value;

use super::{FakeVendor, Faults, Mood, Play};
use crate::http_answer::Answer;
use crate::http_server::Request;

pub(super) struct Slack;

impl Play for Slack {
    fn faults(request: &Request) -> Vec<String> {
        let mut faults = Faults::of_json(request);
        let body = request.json();
        faults.unless(request.path.starts_with("/services/"), "not a webhook's path");
        faults.text(&body, "/text", 40_000, true);
        faults.unless(escaped(&body["text"]), "text is not escaped");
        let none = Vec::new();
        let blocks = body["blocks"].as_array().unwrap_or(&none);
        faults.unless((1..=50).contains(&blocks.len()), "1 to 50 blocks are expected");
        for block in blocks {
            match block["type"].as_str() {
                Some("header") => {
                    faults.text(block, "/text/text", 150, true);
                    faults.unless(block["text"]["type"] == "plain_text", "a header is plain text");
                }
                Some("section") => {
                    faults.text(block, "/text/text", 3_000, true);
                    let text = &block["text"];
                    faults.unless(
                        text["type"] != "mrkdwn" || escaped(&text["text"]),
                        "a section is not escaped",
                    );
                }
                Some("actions") => {
                    for element in block["elements"].as_array().unwrap_or(&none) {
                        faults.text(element, "/text/text", 75, true);
                        faults.text(element, "/url", 3_000, true);
                        faults.unless(element["type"] == "button", "an action is a button");
                    }
                }
                other => faults.unless(false, &format!("unknown block {other:?}")),
            }
        }
        faults.found()
    }

    fn answer(mood: Mood, _request: &Request, faults: &[String]) -> Answer {
        match mood {
            Mood::Good if faults.is_empty() => {
                Answer::text(200, "ok").with_header("content-type", "text/plain")
            }
            Mood::Good => Answer::text(400, "invalid_payload"),
            Mood::Refusing => Answer::text(403, "action_prohibited"),
            Mood::Throttling => Answer::text(429, "rate_limited")
                .with_header("retry-after", &FakeVendor::RETRY_AFTER.to_string()),
            Mood::Gone => Answer::text(404, "no_service"),
            Mood::Broken => Answer::text(500, "rollup_error"),
        }
    }
}

/// No `<` or `>`, and `&` only as the start of an entity.
fn escaped(text: &Value) -> bool {
    let text = text.as_str().unwrap_or_default();
    let entity = |rest: &str| ["amp;", "lt;", "gt;"].iter().any(|known| rest.starts_with(known));
    !text.contains(['<', '>']) && text.split('&').skip(1).all(entity)
}
