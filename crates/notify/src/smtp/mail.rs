//! Composing one mail: headers that cannot be broken out of, text and HTML as alternatives.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use lettre::Address;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};

use crate::Message;

/// A mail ready for the wire.
pub(super) struct Mail {
    pub(super) from: Address,
    pub(super) to: Address,
    pub(super) octets: Vec<u8>,
}

impl Mail {
    /// Whether it needs SMTPUTF8 (RFC 6531).
    pub(super) fn is_internationalized(&self) -> bool {
        !self.to.user().is_ascii() || !self.from.user().is_ascii()
    }
}

/// Why a mail cannot be composed; for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unfit {
    #[error("This is not an e-mail address that mail can be sent to.")]
    Address,
    #[error("The subject holds characters that a mail's header cannot.")]
    Subject,
    #[error("The mail could not be composed.")]
    Whole,
}

/// The header mailbox that mail comes from, its domain in ASCII form. `None` if it does not parse.
pub(super) fn sender(text: &str) -> Option<Mailbox> {
    if text.chars().any(char::is_control) {
        return None;
    }
    let mailbox: Mailbox = text.parse().ok()?;
    let email = address(mailbox.email.as_ref())?;
    Some(Mailbox::new(mailbox.name, email))
}

/// Composes the mail. The same message gives the same Message-ID and boundary at each attempt.
pub(super) fn compose(from: &Mailbox, to: &str, message: &Message, now: Timestamp) -> Result<Mail, Unfit> {
    let to = address(to).ok_or(Unfit::Address)?;
    if message.subject.chars().any(char::is_control) {
        return Err(Unfit::Subject);
    }
    // The date format knows no years before 1970.
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(now.as_second().try_into().unwrap_or(0));
    let builder = lettre::Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to.clone()))
        .subject(message.subject.as_str())
        .date(date)
        .message_id(Some(format!("<{}@{}>", message.id, from.email.domain())))
        // RFC 3834: keeps vacation responders quiet.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ));
    let text = lines(&message.text);
    let composed = match &message.html {
        None => builder.header(ContentType::TEXT_PLAIN).body(text),
        Some(html) => builder.multipart(
            MultiPart::alternative()
                .boundary(format!("=_{}", message.id))
                .singlepart(SinglePart::plain(text))
                .singlepart(SinglePart::html(lines(html))),
        ),
    };
    let mut octets = composed.map_err(|_| Unfit::Whole)?.formatted();
    // The line break before the final dot is written with the dot.
    octets.truncate(octets.strip_suffix(b"\r\n").map_or(octets.len(), <[u8]>::len));
    Ok(Mail { from: from.email.clone(), to, octets })
}

/// The text with LF as its only line break (the library makes CR LF of it) and no control character but the tab.
///
/// A bare CR would go out as it is, and servers that take it for a line break could be made to see the end of the mail
/// where there is none (SMTP smuggling, CVE-2023-51764 and its kin).
fn lines(text: &str) -> String {
    let unified = text.replace("\r\n", "\n").replace('\r', "\n");
    unified.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { ' ' } else { c }).collect()
}

/// An address with its domain as A-labels (RFC 5891), at most 254 octets. Quoted local parts and address literals,
/// which the library would take, are refused: they are how addresses smuggle blanks, commas and brackets.
fn address(text: &str) -> Option<Address> {
    let (local, domain) = text.rsplit_once('@')?;
    let quirky = |c: char| c.is_control() || c.is_whitespace() || "\"<>()[]:;,\\@".contains(c);
    if local.is_empty() || local.contains(quirky) || domain.contains(quirky) {
        return None;
    }
    let domain = idna::domain_to_ascii_cow(domain.as_bytes(), idna::AsciiDenyList::URL).ok()?;
    if domain.is_empty() || local.len() + 1 + domain.len() > 254 {
        return None;
    }
    Address::new(local, domain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_gets_its_domain_in_ascii_and_odd_forms_are_refused() {
        for (text, expected) in [
            ("ada@example.com", "ada@example.com"),
            ("ada@bücher.example", "ada@xn--bcher-kva.example"),
            ("дмитрий@example.com", "дмитрий@example.com"),
            ("a.b+c_d@sub.example.com", "a.b+c_d@sub.example.com"),
        ] {
            assert_eq!(address(text).unwrap().to_string(), expected);
        }
        let long = format!("a@{}.com", "x.".repeat(130));
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "\"a b\"@example.com",
            "a@b@example.com",
            "ada@[127.0.0.1]",
            "ada@example.com\r\nBcc: x@y.z",
            "ada@example.com>\r\nRCPT TO:<x@y.z",
            "a\0da@example.com",
            "ada(comment)@example.com",
            "a,b@example.com",
            &long,
        ] {
            assert!(address(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn a_text_has_one_kind_of_line_break_and_no_control_characters() {
        assert_eq!(lines("a\r\nb\rc\nd\0e\u{1b}f\tg\r\r\n"), "a\nb\nc\nd e f\tg\n\n");
    }

    #[test]
    fn a_sender_is_a_header_mailbox() {
        let from = sender("Rollcall <x@bücher.example>").unwrap();
        assert_eq!((from.name.as_deref(), from.email.domain()), (Some("Rollcall"), "xn--bcher-kva.example"));
        assert!(sender("x@example.com").is_some());
        for text in ["", "Rollcall", "Rollcall <x>", "x@example.com\r\nBcc: y@example.com"] {
            assert!(sender(text).is_none(), "{text:?}");
        }
    }
}
