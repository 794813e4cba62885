//! Telegram's Bot API: `sendMessage` with HTML that parses; chats that were groups say where they have moved.

use serde_json::{Value, json};

use super::{FakeVendor, Faults, Mood, Play};
use crate::http_answer::Answer;
use crate::http_server::Request;

/// A chat with this number was a group and is now [`MOVED_TO`].
pub const MOVED: &str = "-4242";
/// The supergroup that it became.
pub const MOVED_TO: &str = "-1004242";

pub(super) struct Telegram;

impl Play for Telegram {
    fn faults(request: &Request) -> Vec<String> {
        let mut faults = Faults::of_json(request);
        let body = request.json();
        let token = request.path.strip_prefix("/bot").and_then(|rest| rest.strip_suffix("/sendMessage"));
        faults.unless(token.is_some_and(|token| token.contains(':')), "not sendMessage of a bot");
        faults.unless(body["chat_id"].is_string() || body["chat_id"].is_i64(), "chat_id is missing");
        faults.unless(body["parse_mode"] == "HTML", "parse_mode is not HTML");
        faults.text(&body, "/text", 8_192, true);
        let text = body["text"].as_str().unwrap_or_default();
        match plain(text) {
            Some(plain) => {
                faults.unless((1..=4_096).contains(&plain.chars().count()), "more than 4,096 characters");
            }
            None => faults.unless(false, "can't parse entities"),
        }
        faults.found()
    }

    fn answer(mood: Mood, request: &Request, faults: &[String]) -> Answer {
        let chat = request.json()["chat_id"].clone();
        match mood {
            Mood::Good if !faults.is_empty() => error(400, "Bad Request: can't parse entities", &json!({})),
            Mood::Good if chat == MOVED => {
                let to: i64 = MOVED_TO.parse().expect("a number");
                let description = "Bad Request: group chat was upgraded to a supergroup chat";
                error(400, description, &json!({"migrate_to_chat_id": to}))
            }
            Mood::Good => Answer::json(
                200,
                &json!({"ok": true, "result": {"message_id": 7, "text": request.json()["text"]}}),
            ),
            Mood::Refusing => error(400, "Bad Request: chat not found", &json!({})),
            Mood::Throttling => {
                let after = FakeVendor::RETRY_AFTER;
                let description = format!("Too Many Requests: retry after {after}");
                error(429, &description, &json!({"retry_after": after}))
            }
            Mood::Gone => error(403, "Forbidden: bot was blocked by the user", &json!({})),
            Mood::Broken => error(502, "Bad Gateway", &json!({})),
        }
    }
}

fn error(status: u16, description: &str, parameters: &Value) -> Answer {
    let body = json!({
        "ok": false, "error_code": status, "description": description, "parameters": parameters,
    });
    Answer::json(status, &body)
}

/// The text without its tags; none where a tag is unknown, not closed, or a sign is not escaped.
fn plain(html: &str) -> Option<String> {
    let (mut plain, mut open, mut rest) = (String::new(), Vec::new(), html);
    while let Some(at) = rest.find(['<', '>', '&']) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix('&') {
            let (entity, after) = after.split_once(';')?;
            plain.push(match entity {
                "lt" => '<',
                "gt" => '>',
                "amp" => '&',
                "quot" => '"',
                _ => return None,
            });
            rest = after;
            continue;
        }
        let (tag, after) = rest.strip_prefix('<')?.split_once('>')?;
        rest = after;
        if let Some(closed) = tag.strip_prefix('/') {
            (open.pop()? == closed).then_some(())?;
        } else {
            let name = tag.split(' ').next().unwrap_or_default();
            ["b", "i", "a", "code", "pre"].contains(&name).then(|| open.push(name))?;
        }
    }
    plain.push_str(rest);
    open.is_empty().then_some(plain)
}
