//! What invited people are told: who invites them, to what, as what, and until when.

use jiff::Timestamp;

use super::{Link, Message};
use crate::domain::role::InvitedRole;

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
    Message {
        event: "invitation.sent",
        subject,
        opening: vec![format!(
            "{sender} invites you to the team {team} of {organization} on Rollcall, as {role}. The invitation is open until {until}."
        )],
        code: None,
        link: Some(Link { label: "Look at the invitation".to_owned(), url: invite.link.clone() }),
        closing: vec![
            "The link is for you alone: whoever has it can take your place. If you do not know the sender, ignore this message and nothing happens.".to_owned(),
        ],
        short: format!("{sender} invites you to the team {team} on Rollcall:"),
        data: Vec::new(),
    }
}

/// Names are written by people: one that looks like a link must not become one in the receiver's program.
fn plain(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut characters = name.chars().peekable();
    while let Some(c) = characters.next() {
        let inner = characters.peek().is_some_and(|next| next.is_alphanumeric() || *next == '/');
        match c {
            '.' if inner && !out.is_empty() && !out.ends_with(' ') => out.push_str(" . "),
            ':' if characters.peek() == Some(&'/') => out.push_str(" : "),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_looks_like_a_link_does_not_become_one() {
        assert_eq!(plain("https://evil.example/x"), "https : //evil . example/x");
        assert_eq!(plain("evil.example"), "evil . example");
        assert_eq!(plain("Dr. Ann Archer Jr."), "Dr. Ann Archer Jr.");
    }
}
