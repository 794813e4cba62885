//! What invited people are told: who invites them, to what, as what, and until when.

use jiff::Timestamp;

use super::name::plain;
use super::{Link, Message};
use crate::domain::role::InvitedRole;
use crate::domain::severity::Severity;

/// An invitation on its way.
pub(crate) struct Invite<'a> {
    pub(crate) sender: &'a str,
    pub(crate) team: &'a str,
    pub(crate) organization: &'a str,
    pub(crate) role: InvitedRole,
    pub(crate) link: String,
    pub(crate) expires_at: Timestamp,
    pub(crate) reminder: bool,
}

/// The invitation, or the reminder of it.
pub(crate) fn invite(invite: &Invite<'_>) -> Message {
    let (sender, team, organization) = (plain(invite.sender), plain(invite.team), plain(invite.organization));
    let role = match invite.role {
        InvitedRole::User => "a member",
        InvitedRole::Manager => "a manager",
    };
    let until = invite.expires_at.strftime("%-d %B %Y, %H:%M UTC");
    let subject = if invite.reminder {
        format!("Reminder: {sender} invites you to {team}")
    } else {
        format!("{sender} invites you to {team}")
    };
    let asks = if invite.reminder { "invited you a while ago and still waits: join" } else { "invites" };
    Message {
        event: "invitation.sent",
        subject,
        opening: vec![
            format!("{sender} {asks} you to the team {team} of {organization} on Rollcall, as {role}."),
            format!("The invitation is open until {until}."),
        ],
        code: None,
        link: Some(Link { label: "Look at the invitation".to_owned(), url: invite.link.clone() }),
        closing: vec![
            "The link is for you alone: whoever has it can take your place. If you do not know the sender, ignore this message and nothing happens.".to_owned(),
        ],
        short: format!("{sender} invites you to the team {team} on Rollcall:"),
        data: Vec::new(),
        severity: Severity::Info,
    }
}
