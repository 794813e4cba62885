//! What is said: one message in the wordings that the transports need.

use std::fmt;
use std::time::Duration;

/// One message. A transport takes the wording that suits it and ignores the rest. `Debug` shows the id alone:
/// the texts hold one-time codes and links.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// `webhook-id` and the stem of `Message-ID`: the same at each attempt, so that a receiver can tell a repetition.
    /// 1..=128 characters of `A-Z a-z 0-9 _ -` (Standard Webhooks forbids the dot).
    pub id: String,
    /// Subject of the mail; no control characters.
    pub subject: String,
    /// Plain text of the mail.
    pub text: String,
    /// HTML of the mail; without it the mail is plain text alone.
    pub html: Option<String>,
    /// Text of an SMS, at most 1,600 characters (the vendor's limit).
    pub short: String,
    /// Text of a call. Runs of six and more digits are spoken digit by digit; the whole is said twice.
    pub spoken: String,
    /// Body of a webhook: `{"type", "timestamp", "data"}` as serialized JSON, sent and signed byte by byte as it is.
    pub event: String,
    /// The whole in one line, for receivers that show a title: chat, push, the summary of an incident. No control
    /// characters.
    pub title: String,
    /// What stands below the title: paragraphs of plain text with a blank line between, a code on a line of its own.
    /// The link is not repeated here.
    pub body: String,
    /// How much it matters, for receivers that sort by it.
    pub severity: Severity,
    /// Where to go from the message, for receivers that show a button.
    pub link: Option<Link>,
    /// How long it is of use from now on: a receiver that holds it back longer should drop it (Web Push's `TTL`).
    pub lifetime: Duration,
}

/// One paragraph of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paragraph<'a> {
    /// Prose.
    Text(&'a str),
    /// A one-time code, six digits, to be seen at a glance and copied at a touch.
    Code(&'a str),
}

/// How much a message matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Severity {
    /// Good to know. Codes, tests and notices are this.
    #[default]
    Info,
    /// Look at it soon.
    Warning,
    /// Look at it now.
    Critical,
}

impl Severity {
    /// Its name in records: `info`, `warning`, `critical` (three of PagerDuty's four).
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// A place to go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The words on the button: "Open the invitation".
    pub label: String,
    /// An `https` or `http` URL.
    pub url: String,
}

/// The id cannot be sent: see [`Message::id`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct IdUnfit;

impl Message {
    /// The paragraphs of the body.
    pub(crate) fn paragraphs(&self) -> impl Iterator<Item = Paragraph<'_>> {
        self.body.split("\n\n").map(str::trim).filter(|text| !text.is_empty()).map(|text| {
            let code = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
            if code { Paragraph::Code(text) } else { Paragraph::Text(text) }
        })
    }

    /// The body with the code before everything else: the screen of a phone shows the beginning of a long message.
    pub(crate) fn code_first(&self, between: &str) -> String {
        let (codes, texts): (Vec<_>, Vec<_>) =
            self.paragraphs().partition(|paragraph| matches!(paragraph, Paragraph::Code(_)));
        let words = codes.into_iter().chain(texts).map(|paragraph| match paragraph {
            Paragraph::Code(words) | Paragraph::Text(words) => words,
        });
        words.collect::<Vec<_>>().join(between)
    }

    /// Checks the id, which goes into headers.
    pub(crate) fn check_id(&self) -> Result<(), IdUnfit> {
        let fit = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c == b'-';
        if (1..=128).contains(&self.id.len()) && self.id.bytes().all(fit) { Ok(()) } else { Err(IdUnfit) }
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_could_break_a_header_or_a_signature_is_unfit() {
        let with = |id: &str| Message { id: id.into(), ..Message::default() };
        for id in ["msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", "0198f3c2-7c1e-7d0a-9a55-0123456789ab"] {
            assert_eq!(with(id).check_id(), Ok(()), "{id}");
        }
        for id in ["", "a.b", "a b", "a\r\nBcc: x", "a@b", "é", &"x".repeat(129)] {
            assert_eq!(with(id).check_id(), Err(IdUnfit), "{id:?}");
        }
    }

    #[test]
    fn debug_shows_no_text() {
        let message = Message { id: "m1".into(), text: "123456".into(), ..Message::default() };
        assert!(!format!("{message:?}").contains("123456"));
    }
}
