//! What the receivers of a notification channel are told: the code that proves it, and tests.

use serde_json::Value;

use super::name::plain;
use super::{Link, Message, one_tap};
use crate::app::App;
use crate::domain::channel::Channel;
use crate::domain::one_time_code::Code;
use crate::domain::severity::Severity;

/// Who asked for a message.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The person's whole name.
    pub(crate) person: String,
    /// The team, where it owns the channel.
    pub(crate) team: Option<String>,
    /// The organization of the owner.
    pub(crate) organization: String,
}

impl Asked {
    /// `the team Ops of Acme` or `personal messages`: what the channel is for.
    fn purpose(&self) -> String {
        match &self.team {
            Some(team) => format!("messages of the team {} of {}", plain(team), plain(&self.organization)),
            None => "personal messages".to_owned(),
        }
    }

    pub(super) fn data(&self) -> Vec<(&'static str, Value)> {
        let (team, organization) = (self.team.as_deref().map(plain), plain(&self.organization));
        vec![
            ("requested_by", plain(&self.person).into()),
            ("team", team.into()),
            ("organization", organization.into()),
        ]
    }
}

/// The code that proves a channel. Names stand after it: they may hold digits.
pub(crate) fn verification(app: &App, channel: &Channel, code: Code, asked: &Asked) -> Message {
    let link = one_tap::verify_channel(app, channel.owner, channel.priority, &code);
    told(code, asked, link)
}

fn told(code: Code, asked: &Asked, link: Link) -> Message {
    let (person, purpose) = (plain(&asked.person), asked.purpose());
    Message {
        event: "channel.verification",
        subject: "Your Rollcall verification code".to_owned(),
        opening: vec![
            "Enter this code on Rollcall to verify this notification channel. It is valid for ten minutes.".to_owned(),
        ],
        code: Some(code),
        link: Some(link),
        closing: vec![
            format!("{person} asked for it, to receive {purpose} here."),
            "If you do not know why, ignore this message and tell nobody the code: without it nothing else is sent here.".to_owned(),
        ],
        short: format!(
            "is your Rollcall code, valid for ten minutes. {person} wants {purpose} to arrive here. Not expected? Ignore it."
        ),
        data: asked.data(),
        severity: Severity::Info,
    }
}

/// A test.
pub(crate) fn test(asked: &Asked) -> Message {
    let (person, purpose) = (plain(&asked.person), asked.purpose());
    let works = "This is a test message from Rollcall. You can read it, so this notification channel works.";
    let mut data = asked.data();
    data.push(("message", works.into()));
    Message {
        event: "channel.test",
        subject: "Test message from Rollcall".to_owned(),
        opening: vec![works.to_owned()],
        code: None,
        link: None,
        closing: vec![
            format!("{person} sent it. The channel receives {purpose}."),
            format!("If you do not want messages here, ask {person} to delete the channel."),
        ],
        short: format!(
            "Test message from Rollcall, sent by {person}: this channel works and receives {purpose}."
        ),
        data,
        severity: Severity::Info,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_stands_before_any_number_in_a_name() {
        let asked = Asked {
            person: "111111".to_owned(),
            team: Some("222222".to_owned()),
            organization: "333333".to_owned(),
        };
        let code = Code::parse("087608").expect("a code");
        let link =
            Link { label: "Verify".to_owned(), url: "https://example.com/444444#code=087608".to_owned() };
        let rendered = told(code, &asked, link).render(jiff::Timestamp::UNIX_EPOCH);
        for text in [&rendered.text, &rendered.short, &rendered.subject, &rendered.html, &rendered.body] {
            let mut runs = text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 6);
            assert!(runs.next().is_none_or(|first| first == "087608"), "{text}");
        }
        assert!(rendered.text.contains("222222") && rendered.short.contains("111111"));
        let event: Value = serde_json::from_str(&rendered.event).expect("JSON");
        assert_eq!(
            (&event["type"], &event["data"]["code"]),
            (&"channel.verification".into(), &"087608".into())
        );
    }
}
