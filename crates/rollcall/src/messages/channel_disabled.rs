//! What the owner of a channel is told when the service has switched it off.

use super::name::plain;
use super::{Link, Message};
use crate::app::App;
use crate::domain::channel_type::ChannelType;
use crate::domain::priority::Priority;
use crate::domain::severity::Severity;

/// A channel that was switched off.
pub(crate) struct Disabled<'a> {
    pub(crate) kind: ChannelType,
    pub(crate) priority: Priority,
    /// Its value, masked.
    pub(crate) value: &'a str,
    /// The team that it belongs to; none for a personal one.
    pub(crate) team: Option<&'a str>,
    pub(crate) organization: &'a str,
    /// Why: a sentence.
    pub(crate) reason: &'a str,
}

/// The notice.
pub(crate) fn disabled(app: &App, channel: &Disabled<'_>) -> Message {
    let (kind, priority) = (channel.kind.as_str(), channel.priority.get());
    let (organization, team) = (plain(channel.organization), channel.team.map(plain));
    let whose = match &team {
        Some(team) => format!("of the team {team} of {organization}"),
        None => "of your own".to_owned(),
    };
    let whom = if team.is_some() { "the team" } else { "you" };
    Message {
        event: "channel.disabled",
        subject: match &team {
            Some(team) => format!("A notification channel of {team} was switched off"),
            None => "One of your notification channels was switched off".to_owned(),
        },
        opening: vec![
            format!(
                "Rollcall has switched off the {kind} channel with priority {priority} {whose} ({}).",
                channel.value
            ),
            format!("Why: {}", channel.reason),
        ],
        code: None,
        link: Some(Link { label: "Open Rollcall".to_owned(), url: format!("{}/", app.policy.public_url) }),
        closing: vec![format!(
            "Nothing reaches {whom} there any more. Mend the receiver or give the channel a new value, send a test, then enable it again."
        )],
        short: format!(
            "Rollcall has switched off the {kind} channel with priority {priority} {whose}: nothing reaches {whom} there until it is mended and enabled again."
        ),
        data: vec![
            ("channel_type", kind.into()),
            ("priority", priority.into()),
            ("team", team.into()),
            ("organization", organization.into()),
            ("reason", channel.reason.into()),
        ],
        severity: Severity::Warning,
    }
}
