//! Receivers of the example organization: each answers as its vendor does, or fails as it was told to. Nothing leaves this process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use notify::{Destination, Message, Outcome, Transport, Verdict};
use rollcall::outbox::Stage;

use super::visitor::code_in;

/// How a receiver is.
#[derive(Clone, Copy)]
pub(super) enum Mood {
    /// It is overloaded: 503.
    Down,
    /// It has no such address any more: 404.
    Lost,
    /// It asks to be left alone: 410.
    Gone,
}

/// The receivers by their addresses.
#[derive(Default)]
pub(super) struct Theatre {
    moods: Mutex<HashMap<String, Mood>>,
    codes: Mutex<HashMap<String, String>>,
}

impl Theatre {
    /// From now on the receiver is like this; none lets it work again.
    pub(super) fn be(&self, address: &str, mood: Option<Mood>) {
        let mut moods = self.moods.lock().unwrap_or_else(PoisonError::into_inner);
        match mood {
            Some(mood) => moods.insert(address.to_owned(), mood),
            None => moods.remove(address),
        };
    }

    /// The code that a receiver has got, which is used up.
    pub(super) fn code(&self, address: &str) -> Option<String> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner).remove(address)
    }
}

impl Stage for Theatre {
    fn receive(&self, receiver: &Destination, message: &Message) -> Option<Outcome> {
        let (status, answer, milliseconds) = match receiver.transport() {
            Transport::Email | Transport::Sms | Transport::Phone => return None,
            Transport::Webhook => (200, r#"{"accepted": true}"#, 74),
            Transport::Slack => (200, "ok", 183),
            Transport::MsTeams => (202, "", 412),
            Transport::Discord => (204, "", 156),
            Transport::Telegram => (200, r#"{"ok": true}"#, 121),
            Transport::PagerDuty => (202, r#"{"status": "success", "message": "Event processed"}"#, 238),
            Transport::Ntfy => (200, r#"{"event": "message"}"#, 58),
            Transport::Push => (201, "", 97),
        };
        let address = receiver.address();
        if let Some(code) = code_in(&message.text) {
            self.codes.lock().unwrap_or_else(PoisonError::into_inner).insert(address.to_owned(), code);
        }
        let mood = self.moods.lock().unwrap_or_else(PoisonError::into_inner).get(address).copied();
        let (verdict, status, answer, detail) = match mood {
            None => (Verdict::Delivered, status, answer, format!("The receiver took it ({status}).")),
            Some(Mood::Down) => (
                Verdict::Retry { after: None },
                503,
                "upstream connect error or disconnect/reset before headers",
                "The receiver is overloaded or down (503).".to_owned(),
            ),
            Some(Mood::Lost) => (
                Verdict::Refused,
                404,
                "channel_not_found",
                "The receiver knows no such address (404).".to_owned(),
            ),
            Some(Mood::Gone) => (
                Verdict::Gone,
                410,
                r#"{"message": "Unknown Webhook", "code": 10015}"#,
                "The receiver asked to be left alone (410).".to_owned(),
            ),
        };
        Some(Outcome {
            verdict,
            response_status: Some(status),
            answer: (!answer.is_empty()).then(|| answer.to_owned()),
            detail,
            latency: Duration::from_millis(milliseconds),
            moved_to: None,
        })
    }
}
