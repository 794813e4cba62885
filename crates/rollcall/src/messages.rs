//! The messages that people get: what each says, and how it looks as mail, SMS, call and event.

pub(crate) mod account;
pub(crate) mod channel;
pub(crate) mod channel_disabled;
pub(crate) mod invitation;
mod name;
pub(crate) mod notification;
mod one_tap;
mod render;
pub(crate) mod username;

use jiff::Timestamp;
use serde_json::Value;

use crate::domain::one_time_code::Code;
use crate::domain::severity::Severity;

/// A message before it is rendered. Its first six-digit number is the code, if it has one.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// The type of the event for webhooks, dotted: `channel.verification`.
    pub(crate) event: &'static str,
    /// The subject line.
    pub(crate) subject: String,
    /// What is said before the code and the link, a sentence or two each.
    pub(crate) opening: Vec<String>,
    /// The one-time code.
    pub(crate) code: Option<Code>,
    /// Where to go, with the words on the button.
    pub(crate) link: Option<Link>,
    /// What is said after them: who asked, and what to do when it was not you.
    pub(crate) closing: Vec<String>,
    /// The whole in one SMS, without code and link, which are added.
    pub(crate) short: String,
    /// What webhooks get in `data` beside the code.
    pub(crate) data: Vec<(&'static str, Value)>,
    /// How much it matters.
    pub(crate) severity: Severity,
}

/// A link in a message.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Link {
    /// What it does: "Open the invitation".
    pub(crate) label: String,
    /// Where it leads; begins with the configured public URL, but for what a sender gave.
    pub(crate) url: String,
}

/// A message in every form that a transport may need.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Rendered {
    /// The subject line.
    pub(crate) subject: String,
    /// Plain text.
    pub(crate) text: String,
    /// HTML without anything from outside.
    pub(crate) html: String,
    /// SMS.
    pub(crate) short: String,
    /// What a call says.
    pub(crate) spoken: String,
    /// The JSON body of a webhook.
    pub(crate) event: String,
    /// What chat and push show below the subject line: plain text without the link.
    pub(crate) body: String,
    /// How much it matters.
    pub(crate) severity: Severity,
    /// The button of chat and push.
    pub(crate) link: Option<Link>,
}

impl Message {
    /// Renders every form.
    pub(crate) fn render(&self, now: Timestamp) -> Rendered {
        render::all(self, now)
    }
}
