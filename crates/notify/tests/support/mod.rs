//! What the tests of all transports share.

use std::time::Duration;

use jiff::Timestamp;
use notify::{Bounds, Link, Message, Severity};

/// The time that every message is dated.
pub(crate) fn now() -> Timestamp {
    "2026-11-24T10:00:00Z".parse().expect("a time")
}

/// Bounds that a test can wait for.
pub(crate) fn short() -> Bounds {
    Bounds {
        connect: Duration::from_millis(1500),
        total: Duration::from_secs(3),
        answer: Duration::from_millis(500),
        ..Bounds::default()
    }
}

/// A message with a code in it.
pub(crate) fn message() -> Message {
    Message {
        id: "msg-1".into(),
        subject: "Your code".into(),
        text: "The code is 123456.\n".into(),
        html: Some("<p>The code is <b>123456</b>.</p>".into()),
        short: "Rollcall code: 123456".into(),
        spoken: "Your code is 123456.".into(),
        event:
            r#"{"type":"channel.verification","timestamp":"2026-11-24T10:00:00Z","data":{"code":"123456"}}"#
                .into(),
        title: "Your code".into(),
        body: "Enter this code.\n\n123456\n\nAnn & <Co> asked for it.".into(),
        severity: Severity::Info,
        link: Some(Link {
            label: "Open Rollcall".into(),
            url: "https://rollcall.example.com/?a=1&b=2".into(),
        }),
        lifetime: Duration::from_secs(600),
    }
}
