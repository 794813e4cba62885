//! Microsoft Teams: an Adaptive Card to the URL of a workflow ("When a Teams webhook request is received").

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::guarded::Guarded;
use crate::http_client::Answer;
use crate::message::Paragraph;
use crate::{Message, Outcome, Severity, Verdict, cut, retry};

/// The whole may have 28 KB, and less in practice: this leaves room for the form around it.
const TEXT: usize = 4_000;

/// Posts the message as a card. A workflow answers 202 when it has taken it, before anybody sees it.
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
    let color = match message.severity {
        Severity::Info => "Default",
        Severity::Warning => "Warning",
        Severity::Critical => "Attention",
    };
    let mut blocks = vec![json!({
        "type": "TextBlock", "size": "Large", "weight": "Bolder", "color": color, "wrap": true,
        "text": escape(&message.title),
    })];
    blocks.extend(message.paragraphs().map(|paragraph| match paragraph {
        Paragraph::Text(text) => json!({"type": "TextBlock", "wrap": true, "text": escape(&cut::characters(text, TEXT))}),
        Paragraph::Code(code) => json!({
            "type": "TextBlock", "size": "ExtraLarge", "weight": "Bolder", "fontType": "Monospace", "text": code,
        }),
    }));
    let mut card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
        "body": blocks,
    });
    if let Some(link) = &message.link {
        card["actions"] = json!([{"type": "Action.OpenUrl", "title": link.label, "url": link.url}]);
    }
    json!({
        "type": "message", "summary": cut::characters(&message.short, TEXT),
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null, "content": card,
        }],
    })
}

/// Text blocks take a subset of Markdown: without it no name becomes a link.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '[' | ']' | '#') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn judge(answer: &Answer) -> Outcome {
    let status = answer.status;
    let gone = status == 410 || (status == 404 && answer.text().contains("WorkflowNotFound"));
    match retry::of_http_status(status, answer.after) {
        Verdict::Delivered => Outcome::new(Verdict::Delivered, "The Teams workflow accepted the message."),
        Verdict::Refused if gone => {
            Outcome::new(Verdict::Gone, "The Teams workflow does not exist any more.")
        }
        Verdict::Retry { .. } if status == 429 => {
            Outcome::new(Verdict::Retry { after: answer.after }, "Teams asks to send less often.")
        }
        verdict => Outcome::new(verdict, format!("The Teams workflow answered with status {status}.")),
    }
}
