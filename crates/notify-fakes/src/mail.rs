//! One mail as a server took it: envelope, octets, and what they decode to.

use crate::mime;

/// A received mail.
#[derive(Clone, Debug, Default)]
pub struct Mail {
    /// Sender of the envelope.
    pub from: String,
    /// Recipients of the envelope.
    pub to: Vec<String>,
    /// Parameters of MAIL FROM, as `SMTPUTF8` or `BODY=8BITMIME`.
    pub parameters: Vec<String>,
    /// The message as sent, dots unstuffed.
    pub raw: Vec<u8>,
    /// Headers in order, unfolded, encoded words decoded.
    pub headers: Vec<(String, String)>,
    /// The decoded text/plain part.
    pub text: Option<String>,
    /// The decoded text/html part.
    pub html: Option<String>,
}

impl Mail {
    /// Decodes a message.
    #[must_use]
    pub fn new(from: String, to: Vec<String>, parameters: Vec<String>, raw: Vec<u8>) -> Self {
        let part = mime::Part::parse(&raw);
        let (text, html) = (part.find("text/plain"), part.find("text/html"));
        let headers = part.headers.iter().map(|(name, value)| (name.clone(), mime::words(value))).collect();
        Self { from, to, parameters, raw, headers, text, html }
    }

    /// The first header of that name, decoded.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The subject, or nothing.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.header("Subject").unwrap_or_default()
    }

    /// The first run of exactly six digits in the text part: a code.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        let text = self.text.as_deref()?;
        text.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == 6).map(str::to_owned)
    }
}
