//! ntfy (<https://docs.ntfy.sh/publish/#publish-as-json>): JSON to the root of the topic's server.

use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

use crate::guarded::Guarded;
use crate::http_client::Answer;
use crate::{Message, Outcome, Severity, Verdict, cut, retry};

/// A longer message becomes an attachment.
const MESSAGE: usize = 4_096;
const TITLE: usize = 250;

/// Publishes the message.
pub(crate) async fn send(
    web: &Guarded,
    url: &str,
    message: &Message,
    now: Timestamp,
) -> Result<Outcome, Outcome> {
    let target = web.target(url)?;
    let (root, topic) =
        split(&target).ok_or_else(|| Outcome::refused("The URL of this channel names no topic."))?;
    web.tell(&root, &body(&topic, message), (message, now), &[&topic], judge).await
}

/// The server's root, which may be below a path, and the topic. A query (`?auth=…`) goes along.
fn split(url: &Url) -> Option<(Url, String)> {
    let topic = url.path_segments()?.next_back().filter(|topic| !topic.is_empty())?.to_owned();
    let mut root = url.clone();
    root.path_segments_mut().ok()?.pop().push("");
    Some((root, topic))
}

fn body(topic: &str, message: &Message) -> Value {
    let (priority, tag) = match message.severity {
        Severity::Info => (3, None),
        Severity::Warning => (4, Some("warning")),
        Severity::Critical => (5, Some("rotating_light")),
    };
    let mut body = json!({
        "message": cut::octets(&message.code_first("\n\n"), MESSAGE), "title": cut::octets(&message.title, TITLE),
        "priority": priority, "topic": topic,
    });
    if let Some(tag) = tag {
        body["tags"] = json!([tag]);
    }
    if let Some(link) = &message.link {
        body["click"] = link.url.clone().into();
        body["actions"] = json!([{"action": "view", "label": link.label, "url": link.url}]);
    }
    body
}

fn judge(answer: &Answer) -> Outcome {
    let status = answer.status;
    let detail = match (retry::of_http_status(status, None), status) {
        (Verdict::Delivered, _) => "The ntfy server accepted the message.".to_owned(),
        (_, 429) => "The ntfy server asks to send less often.".to_owned(),
        (_, 401 | 403) => "The ntfy server lets nobody write to this topic without a token.".to_owned(),
        _ => format!("The ntfy server answered with status {status}."),
    };
    Outcome::new(retry::of_http_status(status, answer.after), detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_topic_is_the_last_part_of_the_path() {
        for (url, root, topic) in [
            ("https://ntfy.sh/alerts", "https://ntfy.sh/", "alerts"),
            ("https://example.com/ntfy/alerts?auth=x", "https://example.com/ntfy/?auth=x", "alerts"),
        ] {
            let (found, name) = split(&Url::parse(url).unwrap()).unwrap();
            assert_eq!((found.as_str(), name.as_str()), (root, topic));
        }
        assert_eq!(split(&Url::parse("https://ntfy.sh/").unwrap()), None);
    }
}
