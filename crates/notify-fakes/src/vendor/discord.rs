//! A Discord webhook: `wait=true`, nobody mentioned, limits of content and embeds; 429 asks in fractions of a second.

use serde_json::json;

use super::{FakeVendor, Faults, Mood, Play};
use crate::http_answer::Answer;
use crate::http_server::Request;

pub(super) struct Discord;

impl Play for Discord {
    fn faults(request: &Request) -> Vec<String> {
        let mut faults = Faults::of_json(request);
        let body = request.json();
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        faults.unless(path.starts_with("/api/webhooks/"), "not a webhook's path");
        faults.unless(query.split('&').any(|pair| pair == "wait=true"), "wait=true is missing");
        faults.text(&body, "/content", 2_000, true);
        faults.text(&body, "/username", 80, false);
        faults.unless(body["allowed_mentions"]["parse"] == json!([]), "mentions are allowed");
        let none = Vec::new();
        let embeds = body["embeds"].as_array().unwrap_or(&none);
        faults.unless(embeds.len() <= 10, "more than 10 embeds");
        for embed in embeds {
            faults.text(embed, "/title", 256, false);
            faults.text(embed, "/description", 4_096, false);
            faults.text(embed, "/url", 2_048, false);
            faults.unless(embed["color"].as_u64().is_some_and(|color| color <= 0xff_ff_ff), "color");
            for field in embed["fields"].as_array().unwrap_or(&none) {
                faults.text(field, "/name", 256, true);
                faults.text(field, "/value", 1_024, true);
            }
        }
        faults.found()
    }

    fn answer(mood: Mood, request: &Request, faults: &[String]) -> Answer {
        match mood {
            Mood::Good if faults.is_empty() => {
                let said = json!({"id": "1", "type": 0, "content": request.json()["content"], "flags": 0});
                Answer::json(200, &said)
            }
            Mood::Good => Answer::json(400, &json!({"message": "Invalid Form Body", "code": 50035})),
            Mood::Refusing => {
                Answer::json(400, &json!({"message": "Cannot send an empty message", "code": 50006}))
            }
            #[expect(clippy::cast_precision_loss, reason = "a small number")]
            Mood::Throttling => {
                let after = FakeVendor::RETRY_AFTER as f64 - 0.5;
                let said =
                    json!({"message": "You are being rate limited.", "retry_after": after, "global": false});
                Answer::json(429, &said).with_header("retry-after", &FakeVendor::RETRY_AFTER.to_string())
            }
            Mood::Gone => Answer::json(404, &json!({"message": "Unknown Webhook", "code": 10015})),
            Mood::Broken => Answer::text(503, "upstream connect error"),
        }
    }
}
