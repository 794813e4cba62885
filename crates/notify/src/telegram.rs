//! Telegram's Bot API, `sendMessage` (<https://core.telegram.org/bots/api#sendmessage>), at the operator's base.

use std::time::Duration;

use http::header::CONTENT_TYPE;
use jiff::Timestamp;
use reqwest::Client;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::http_client::{self, Answer};
use crate::message::Paragraph;
use crate::{Bounds, Message, Outcome, Verdict, answer, cut, retry};

/// Longest text, in characters after its entities are read.
const TEXT: usize = 4_096;
/// What is kept free of it for the title and the link.
const FRAME: usize = 600;

/// The sender to chats.
pub(crate) struct Telegram {
    client: Client,
    base: Url,
    bounds: Bounds,
}

/// What is read of an answer.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Reply {
    error_code: Option<u16>,
    description: Option<String>,
    parameters: Parameters,
}

/// <https://core.telegram.org/bots/api#responseparameters>
#[derive(Deserialize, Default)]
#[serde(default)]
struct Parameters {
    migrate_to_chat_id: Option<i64>,
    retry_after: Option<u64>,
}

impl Telegram {
    pub(crate) fn new(client: Client, base: Url, bounds: Bounds) -> Self {
        Self { client, base, bounds }
    }

    /// Sends the message. A group that became a supergroup is followed to its new number, once.
    pub(crate) async fn send(
        &self,
        token: &str,
        chat: &str,
        message: &Message,
        now: Timestamp,
    ) -> Result<Outcome, Outcome> {
        let (outcome, moved) = self.post(token, chat, message, now).await?;
        let Some(moved) = moved.filter(|moved| moved != chat) else { return Ok(outcome) };
        let (outcome, _) = self.post(token, &moved, message, now).await?;
        Ok(Outcome { moved_to: Some(moved), ..outcome })
    }

    /// One request, and where the chat has moved to if it has.
    async fn post(
        &self,
        token: &str,
        chat: &str,
        message: &Message,
        now: Timestamp,
    ) -> Result<(Outcome, Option<String>), Outcome> {
        let url = self.endpoint(token).ok_or_else(|| Outcome::refused("The bot's token is malformed."))?;
        let request = self.client.post(url).header(CONTENT_TYPE, "application/json");
        let request = request.body(body(chat, message).to_string());
        let answer = http_client::answered(request, &self.bounds, now).await?;
        let reply: Reply = serde_json::from_slice(&answer.body).unwrap_or_default();
        let mut hide: Vec<&str> = vec![token, chat];
        hide.extend(token.split_once(':').map(|(_, secret)| secret));
        hide.extend(answer::codes(&message.body));
        // A success repeats the whole message: nothing in it is news.
        let said = reply.description.as_deref().and_then(|said| answer::fit(said, &hide));
        let moved = reply.parameters.migrate_to_chat_id.map(|chat| chat.to_string());
        Ok((judge(&answer, &reply).answered(answer.status, said), moved))
    }

    /// `{base}/bot{token}/sendMessage`. The token has no character that a path would change.
    fn endpoint(&self, token: &str) -> Option<Url> {
        let fits = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b':' | b'_' | b'-');
        if token.is_empty() || !token.bytes().all(fits) {
            return None;
        }
        let mut url = self.base.clone();
        url.path_segments_mut().ok()?.pop_if_empty().extend([&format!("bot{token}"), "sendMessage"]);
        Some(url)
    }
}

fn body(chat: &str, message: &Message) -> Value {
    let mut text = format!("<b>{}</b>", escape(&cut::characters(&message.title, FRAME / 2)));
    // The first paragraphs, in whole: one that is cut in two could end within a tag.
    let mut room = TEXT - FRAME;
    for paragraph in message.paragraphs() {
        let (line, length) = match paragraph {
            Paragraph::Text(line) => {
                let line = cut::characters(line, room);
                (escape(&line), line.chars().count())
            }
            Paragraph::Code(code) => (format!("<code>{code}</code>"), code.len()),
        };
        let Some(left) = room.checked_sub(length + 2) else { break };
        room = left;
        text.push_str("\n\n");
        text.push_str(&line);
    }
    if let Some(link) = &message.link {
        let label = escape(&cut::characters(&link.label, FRAME / 4));
        text.extend(["\n\n<a href=\"", &escape(&link.url), "\">", &label, "</a>"]);
    }
    json!({
        "text": text, "parse_mode": "HTML", "link_preview_options": {"is_disabled": true}, "chat_id": chat,
    })
}

/// What Telegram's HTML needs escaped.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn judge(answer: &Answer, reply: &Reply) -> Outcome {
    let status = answer.status;
    let after = reply.parameters.retry_after.map(Duration::from_secs).max(answer.after);
    match (retry::of_http_status(status, after), status) {
        (Verdict::Delivered, _) => Outcome::new(Verdict::Delivered, "Telegram accepted the message."),
        (verdict, 429) => Outcome::new(verdict, "Telegram asks to send less often."),
        (_, 403) => Outcome::new(Verdict::Gone, "The bot was blocked or removed from the chat."),
        // Said by Telegram itself, not by something on the way to it.
        (_, 401) if reply.error_code == Some(401) => {
            Outcome::new(Verdict::Gone, "The bot's token is not valid any more.")
        }
        (_, 400) if reply.parameters.migrate_to_chat_id.is_some() => {
            Outcome::refused("The group became a supergroup.")
        }
        (verdict, _) => Outcome::new(verdict, format!("Telegram answered with status {status}.")),
    }
}
