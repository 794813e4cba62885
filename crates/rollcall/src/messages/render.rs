//! How a message looks in each form.

use askama::Template;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{Message, Rendered};
use crate::domain::severity::Severity;

#[derive(Template)]
#[template(path = "mail.html")]
struct Mail<'a> {
    message: &'a Message,
    code: &'a str,
    /// What a list of mails shows beside the subject.
    preview: &'a str,
    /// The colour of the edge.
    accent: &'static str,
}

pub(super) fn all(message: &Message, now: Timestamp) -> Rendered {
    let code = message.code.as_ref().map(crate::domain::one_time_code::Code::as_str).unwrap_or_default();
    Rendered {
        subject: message.subject.clone(),
        text: text(message, code),
        html: html(message, code),
        short: short(message, code),
        spoken: spoken(message, code),
        event: event(message, code, now),
        body: body(message, code),
        severity: message.severity,
        link: message.link.clone(),
    }
}

fn html(message: &Message, code: &str) -> String {
    let preview = short(message, code);
    // No colour of six digits: a code is the first that stands in a message.
    let accent = match message.severity {
        Severity::Info => "#3447c6",
        Severity::Warning => "#d9930a",
        Severity::Critical => "#c9302c",
    };
    let mail = Mail { message, code, preview: &preview, accent };
    mail.render().unwrap_or_else(|_| text(message, code))
}

/// Paragraphs with a blank line between; code and link on lines of their own.
fn text(message: &Message, code: &str) -> String {
    let mut parts = message.opening.clone();
    if !code.is_empty() {
        parts.push(format!("    {code}"));
    }
    if let Some(link) = &message.link {
        parts.push(format!("{}:\n{}", link.label, link.url));
    }
    parts.extend(message.closing.iter().cloned());
    parts.push("-- \nRollcall".to_owned());
    parts.join("\n\n") + "\n"
}

/// As the text, without the link and without the signature: where these messages go, they have places of their own.
fn body(message: &Message, code: &str) -> String {
    let mut parts = message.opening.clone();
    if !code.is_empty() {
        parts.push(code.to_owned());
    }
    parts.extend(message.closing.iter().cloned());
    parts.join("\n\n")
}

/// The code stands first, so that it is seen in a notification and before any other number. It has no link beside it:
/// phones offer such a code above the keyboard, and a link would make two messages of one.
fn short(message: &Message, code: &str) -> String {
    let code = if code.is_empty() { String::new() } else { format!("{code} ") };
    let link = message.link.as_ref().filter(|_| code.is_empty());
    let link = link.map(|link| format!(" {}", link.url)).unwrap_or_default();
    format!("{code}{}{link}", message.short)
}

fn spoken(message: &Message, code: &str) -> String {
    if code.is_empty() {
        return message.short.clone();
    }
    let digits: Vec<_> = code.chars().map(String::from).collect();
    format!("Your Rollcall code is {}.", digits.join(", "))
}

fn event(message: &Message, code: &str, now: Timestamp) -> String {
    let mut data = Map::new();
    if !code.is_empty() {
        data.insert("code".to_owned(), Value::from(code));
    }
    for (name, value) in &message.data {
        data.insert((*name).to_owned(), value.clone());
    }
    serde_json::json!({ "type": message.event, "timestamp": now.to_string(), "data": data }).to_string()
}
