//! A notification that a person sends to the channels of a team, or to their own.

use super::channel::Asked;
use super::name::plain;
use super::{Link, Message};
use crate::domain::severity::Severity;

/// The most characters of the body that an SMS and a call repeat.
const SHORT: usize = 300;

/// What is sent.
pub(crate) struct Notification<'a> {
    pub(crate) title: &'a str,
    pub(crate) body: &'a str,
    pub(crate) severity: Severity,
    pub(crate) url: Option<&'a str>,
    pub(crate) dedup_key: Option<&'a str>,
}

/// The message. Its severity stands before the title, so that it is seen on every medium.
pub(crate) fn notification(sent: &Notification<'_>, asked: &Asked) -> Message {
    let word = match sent.severity {
        Severity::Info => "",
        Severity::Warning => "Warning: ",
        Severity::Critical => "Critical: ",
    };
    let subject = format!("{word}{}", sent.title);
    let mut data = vec![
        ("title", sent.title.into()),
        ("body", sent.body.into()),
        ("severity", sent.severity.as_str().into()),
        ("url", sent.url.into()),
        ("dedup_key", sent.dedup_key.into()),
    ];
    data.extend(asked.data());
    let (person, organization) = (plain(&asked.person), plain(&asked.organization));
    Message {
        event: "channel.notification",
        short: short(&subject, sent.body),
        subject,
        opening: sent
            .body
            .split("\n\n")
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect(),
        code: None,
        link: sent.url.map(|url| Link { label: "Read more".to_owned(), url: url.to_owned() }),
        closing: vec![match &asked.team {
            Some(team) => {
                format!("{person} sent this to the team {} of {organization} by Rollcall.", plain(team))
            }
            None => format!("{person} of {organization} sent this to their own channels by Rollcall."),
        }],
        data,
        severity: sent.severity,
    }
}

/// Title and body in one line, cut where it would cost many parts of an SMS.
fn short(subject: &str, body: &str) -> String {
    let mut line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > SHORT {
        line = line.chars().take(SHORT - 1).collect();
        line.push('…');
    }
    let stop = if subject.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{subject}{stop} {line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(body: &str) -> super::super::Rendered {
        let asked = Asked {
            person: "Ann Lee".to_owned(),
            team: Some("Ops".to_owned()),
            organization: "Acme".to_owned(),
        };
        let sent = Notification {
            title: "Checkout is down",
            body,
            severity: Severity::Critical,
            url: Some("https://status.example.com/42"),
            dedup_key: None,
        };
        notification(&sent, &asked).render(jiff::Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn severity_title_and_link_are_on_every_medium() {
        let rendered = rendered("First line\nsecond line\n\nNext <b>paragraph</b>");
        for text in [&rendered.text, &rendered.html, &rendered.short] {
            assert!(text.contains("https://status.example.com/42"), "{text}");
        }
        for text in [&rendered.subject, &rendered.short, &rendered.spoken] {
            assert!(text.starts_with("Critical: Checkout is down"), "{text}");
        }
        assert!(rendered.text.starts_with("First line\nsecond line\n\nNext <b>paragraph</b>\n\n"));
        assert!(rendered.html.contains("Next &#60;b&#62;paragraph") && !rendered.html.contains("<b>"));
        assert!(rendered.body.contains("Ann Lee sent this to the team Ops of Acme"));
        let event: serde_json::Value = serde_json::from_str(&rendered.event).expect("JSON");
        assert_eq!(event["type"], "channel.notification");
        assert_eq!((&event["data"]["severity"], &event["data"]["team"]), (&"critical".into(), &"Ops".into()));
    }

    #[test]
    fn a_long_body_is_cut_for_sms_and_calls_alone() {
        let long = rendered(&"words and ".repeat(300));
        assert!(long.short.chars().count() < 400 && long.text.len() > 3_000);
    }
}
