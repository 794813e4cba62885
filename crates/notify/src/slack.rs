//! Slack's incoming webhooks (<https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>), and the
//! chats that take the same.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::guarded::Guarded;
use crate::http_client::Answer;
use crate::message::Paragraph;
use crate::{Message, Outcome, Verdict, cut, retry};

/// Longest text of a header, a section and a button, in characters (Block Kit reference).
const HEADER: usize = 150;
const SECTION: usize = 3_000;
const BUTTON: usize = 75;
/// Answers which mean that nothing will ever arrive there again.
const GONE: [&str; 6] =
    ["no_service", "no_team", "team_disabled", "channel_not_found", "channel_is_archived", "no_active_hooks"];

/// Posts the message as blocks, with its text in one for notifications.
pub(crate) async fn send(
    web: &Guarded,
    url: &str,
    message: &Message,
    now: Timestamp,
) -> Result<Outcome, Outcome> {
    let target = web.target(url)?;
    web.tell(&target, &body(message), (message, now), &[], judge).await
}

fn body(message: &Message) -> Value {
    let header =
        json!({"type": "plain_text", "text": cut::characters(&message.title, HEADER), "emoji": false});
    let mut blocks = vec![json!({"type": "header", "text": header})];
    for paragraph in message.paragraphs() {
        let text = match paragraph {
            Paragraph::Text(text) => fit(text, SECTION),
            Paragraph::Code(code) => format!("```{code}```"),
        };
        blocks.push(json!({"type": "section", "text": {"type": "mrkdwn", "text": text}}));
    }
    if let Some(link) = &message.link {
        let label = json!({"type": "plain_text", "text": cut::characters(&link.label, BUTTON)});
        blocks.push(
            json!({"type": "actions", "elements": [{"type": "button", "text": label, "url": link.url}]}),
        );
    }
    // 50 blocks are the most that a message may have.
    blocks.truncate(50);
    json!({"text": fit(&message.short, SECTION), "blocks": blocks})
}

/// Cut first and escaped then, so that no entity is cut in two.
fn fit(text: &str, most: usize) -> String {
    // An escaped character takes five at the most.
    let escaped = escape(&cut::characters(text, most));
    if escaped.chars().count() <= most { escaped } else { escape(&cut::characters(text, most / 5)) }
}

/// The three characters that control formatting: without them no name becomes a link or calls a whole channel.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn judge(answer: &Answer) -> Outcome {
    let (status, text) = (answer.status, answer.text());
    let gone = GONE.contains(&text.trim()) || status == 410;
    match retry::of_http_status(status, answer.after) {
        Verdict::Delivered => Outcome::new(Verdict::Delivered, "Slack accepted the message."),
        Verdict::Refused if gone => {
            Outcome::new(Verdict::Gone, "The Slack webhook was revoked, or its channel is gone.")
        }
        Verdict::Retry { .. } if status == 429 => {
            Outcome::new(Verdict::Retry { after: answer.after }, "Slack asks to send less often.")
        }
        verdict => Outcome::new(verdict, format!("Slack answered with status {status}.")),
    }
}
