//! What is said about a new username: the code that proves it, and notices to those whom it concerns.

use jiff::Timestamp;

use super::name::plain;
use super::{Link, Message, one_tap};
use crate::app::App;
use crate::domain::one_time_code::Code;
use crate::domain::severity::Severity;

/// The code that proves the new address, asked for by a person whose account has another one.
pub(crate) fn verification(app: &App, person: &str, code: Code) -> Message {
    Message {
        event: "username.verification",
        subject: "Confirm your new Rollcall address".to_owned(),
        opening: vec![
            "Enter this code on Rollcall to sign in with this address from now on. It is valid for ten minutes."
                .to_owned(),
        ],
        link: Some(one_tap::confirm_username(app, &code)),
        code: Some(code),
        closing: vec![
            format!("{} asked for it, to use this address as the username of a Rollcall account.", plain(person)),
            "If that is not you, ignore this mail and tell nobody the code: without it nothing changes.".to_owned(),
        ],
        short: "is the code for your new Rollcall address, valid for ten minutes.".to_owned(),
        data: Vec::new(),
        severity: Severity::Info,
    }
}

/// To the address of the account: another one is to take its place.
pub(crate) fn requested(app: &App, new: &str, now: Timestamp) -> Message {
    Message {
        event: "username.requested",
        subject: "A new address for your Rollcall account".to_owned(),
        opening: vec![
            format!("On {} somebody who is signed in to your account asked to replace this address by {new}.", at(now)),
            "A code went there. Until it is entered, this address stays your username.".to_owned(),
        ],
        code: None,
        link: Some(open(app)),
        closing: vec![
            "If it was you, there is nothing to do here. If it was not, change your password now, which ends every other session, and cancel the new address.".to_owned(),
        ],
        short: "A new address was asked for your Rollcall account. If it was not you, change your password now.".to_owned(),
        data: Vec::new(),
        severity: Severity::Info,
    }
}

/// To the owner of an address that somebody else asked for.
pub(crate) fn in_use(app: &App) -> Message {
    Message {
        event: "username.in_use",
        subject: "Somebody asked for your Rollcall address".to_owned(),
        opening: vec![
            "Somebody, perhaps you, wanted to use this address as the username of another Rollcall account. It belongs to your account, so nothing was changed.".to_owned(),
            "If it was you: delete this account or give it another address first, then try again.".to_owned(),
        ],
        code: None,
        link: Some(open(app)),
        closing: vec![
            "If it was not you, there is nothing to do: nobody learned from us that you have an account.".to_owned(),
        ],
        short: "Somebody asked for your Rollcall address; nothing was changed.".to_owned(),
        data: Vec::new(),
        severity: Severity::Info,
    }
}

/// To the address that was the username until now.
pub(crate) fn changed(app: &App, new: &str, now: Timestamp) -> Message {
    Message {
        event: "username.changed",
        subject: "Your Rollcall address was changed".to_owned(),
        opening: vec![format!(
            "On {} the username of your account changed from this address to {new}. Every other session has ended.",
            at(now)
        )],
        code: None,
        link: Some(open(app)),
        closing: vec![
            "If it was you, there is nothing to do. If it was not, turn to a root of your organization or to whoever runs this server at once.".to_owned(),
        ],
        short: "Your Rollcall address was changed. If it was not you, turn to a root of your organization at once.".to_owned(),
        data: Vec::new(),
        severity: Severity::Info,
    }
}

fn at(now: Timestamp) -> String {
    now.strftime("%-d %B %Y at %H:%M UTC").to_string()
}

fn open(app: &App) -> Link {
    Link { label: "Open Rollcall".to_owned(), url: format!("{}/", app.policy.public_url) }
}
