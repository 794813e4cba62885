//! Discord's webhooks (<https://discord.com/developers/docs/resources/webhook#execute-webhook>).

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::guarded::Guarded;
use crate::http_client::Answer;
use crate::message::Paragraph;
use crate::{Message, Outcome, Severity, Verdict, cut, retry};

/// Longest texts, in characters.
const CONTENT: usize = 2_000;
const TITLE: usize = 256;
const DESCRIPTION: usize = 4_096;

/// Posts the message as an embed, its text in one beside it for notifications.
pub(crate) async fn send(
    web: &Guarded,
    url: &str,
    message: &Message,
    now: Timestamp,
) -> Result<Outcome, Outcome> {
    let target = waiting(web.target(url)?);
    web.tell(&target, &body(message), (message, now), &[], judge).await
}

/// With `wait=true`, whatever the URL said: without it a message that is not kept gives no error.
fn waiting(mut url: Url) -> Url {
    let rest: Vec<(String, String)> =
        url.query_pairs().into_owned().filter(|(name, _)| name != "wait").collect();
    url.query_pairs_mut().clear().extend_pairs(rest).append_pair("wait", "true");
    url
}

fn body(message: &Message) -> Value {
    let color = match message.severity {
        Severity::Info => 0x5b_6b_f0,
        Severity::Warning => 0xe6_a1_17,
        Severity::Critical => 0xd6_33_33,
    };
    let text: Vec<String> = message
        .paragraphs()
        .map(|paragraph| match paragraph {
            Paragraph::Text(text) => escape(text),
            Paragraph::Code(code) => format!("```\n{code}\n```"),
        })
        .collect();
    let mut embed = json!({
        "title": cut::characters(&message.title, TITLE),
        "description": cut::characters(&text.join("\n\n"), DESCRIPTION),
    });
    if let Some(link) = &message.link {
        embed["url"] = link.url.clone().into();
        embed["fields"] = json!([{"name": link.label, "value": link.url}]);
    }
    embed["color"] = color.into();
    json!({
        "content": cut::characters(&escape(&message.short), CONTENT), "username": "Rollcall", "embeds": [embed],
        "allowed_mentions": {"parse": []},
    })
}

/// Markdown's characters, so that no name becomes a link, a quotation or a headline.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '~' | '`' | '|' | '[' | ']' | '<' | '>' | '#') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[derive(Deserialize)]
struct Limited {
    retry_after: f64,
}

/// What a 429 asks for in its body, in seconds and fractions of one; the header rounds.
fn after(answer: &Answer) -> Option<Duration> {
    let said = serde_json::from_slice::<Limited>(&answer.body).ok();
    let said = said.and_then(|limited| Duration::try_from_secs_f64(limited.retry_after).ok());
    said.max(answer.after)
}

fn judge(answer: &Answer) -> Outcome {
    let status = answer.status;
    match retry::of_http_status(status, answer.after) {
        Verdict::Delivered => Outcome::new(Verdict::Delivered, "Discord accepted the message."),
        Verdict::Refused if matches!(status, 401 | 404 | 410) => {
            Outcome::new(Verdict::Gone, "The Discord webhook was deleted.")
        }
        Verdict::Retry { .. } if status == 429 => {
            Outcome::new(Verdict::Retry { after: after(answer) }, "Discord asks to send less often.")
        }
        verdict => Outcome::new(verdict, format!("Discord answered with status {status}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_in_the_url_stays_and_waiting_is_asked_for_once() {
        for (given, sent) in [
            ("https://discord.com/api/webhooks/1/t", "wait=true"),
            ("https://discord.com/api/webhooks/1/t?wait=false", "wait=true"),
            ("https://discord.com/api/webhooks/1/t?thread_id=7", "thread_id=7&wait=true"),
        ] {
            assert_eq!(waiting(Url::parse(given).unwrap()).query(), Some(sent));
        }
    }
}
