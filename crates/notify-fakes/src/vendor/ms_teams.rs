//! A Teams workflow: one Adaptive Card in a message of 28 KB at most; 202 says that it was taken.

use serde_json::json;

use super::{FakeVendor, Faults, Mood, Play};
use crate::http_answer::Answer;
use crate::http_server::Request;

pub(super) struct MsTeams;

impl Play for MsTeams {
    fn faults(request: &Request) -> Vec<String> {
        let mut faults = Faults::of_json(request);
        let body = request.json();
        faults.unless(request.path.contains("sig="), "the signature of the URL is missing");
        faults.unless(request.body.len() <= 28 * 1024, "more than 28 KB");
        faults.unless(body["type"] == "message", "type is not message");
        let card = &body["attachments"][0];
        faults.unless(
            card["contentType"] == "application/vnd.microsoft.card.adaptive",
            "the attachment is no card",
        );
        let content = &card["content"];
        faults.unless(content["type"] == "AdaptiveCard", "the content is no AdaptiveCard");
        faults.unless(matches!(content["version"].as_str(), Some("1.2" | "1.3" | "1.4" | "1.5")), "version");
        let none = Vec::new();
        let blocks = content["body"].as_array().unwrap_or(&none);
        faults.unless(!blocks.is_empty(), "the card is empty");
        for block in blocks {
            faults.unless(block["type"] == "TextBlock", "a block is no TextBlock");
            faults.text(block, "/text", 10_000, true);
        }
        for action in content["actions"].as_array().unwrap_or(&none) {
            faults.unless(action["type"] == "Action.OpenUrl", "an action does not open a URL");
            faults.text(action, "/url", 3_000, true);
            faults.text(action, "/title", 200, true);
        }
        faults.found()
    }

    fn answer(mood: Mood, _request: &Request, faults: &[String]) -> Answer {
        let error = |status, code: &str| {
            Answer::json(status, &json!({"error": {"code": code, "message": "The request was not taken."}}))
        };
        match mood {
            Mood::Good if faults.is_empty() => Answer::status(202),
            Mood::Good => error(400, "TriggerInputSchemaMismatch"),
            Mood::Refusing => error(401, "DirectApiAuthorizationRequired"),
            Mood::Throttling => error(429, "WorkflowTriggerThrottled")
                .with_header("retry-after", &FakeVendor::RETRY_AFTER.to_string()),
            Mood::Gone => error(404, "WorkflowNotFound"),
            Mood::Broken => error(502, "BadGateway"),
        }
    }
}
