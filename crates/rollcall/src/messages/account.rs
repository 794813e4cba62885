//! What accounts are told: codes for sign-up and password, notices of what changed.

use jiff::Timestamp;

use super::{Link, Message, one_tap};
use crate::app::App;
use crate::domain::one_time_code::Code;
use crate::domain::severity::Severity;

/// The code of a sign-up, to its address.
pub(crate) fn confirmation(app: &App, email: &str, code: Code) -> Message {
    Message {
        event: "account.confirmation",
        subject: "Your Rollcall confirmation code".to_owned(),
        opening: vec!["Welcome! Enter this code to confirm your address. It is valid for ten minutes.".to_owned()],
        link: Some(one_tap::confirm_account(app, email, &code)),
        code: Some(code),
        closing: vec![
            "Somebody signed up for Rollcall with this address. If it was not you, ignore this mail: without the code no account is made.".to_owned(),
        ],
        short: "is your Rollcall confirmation code, valid for ten minutes.".to_owned(),
        data: Vec::new(),
        severity: Severity::Info,
    }
}

/// To the owner of an address that somebody signed up although it has an account.
pub(crate) fn exists(app: &App) -> Message {
    Message {
        event: "account.exists",
        subject: "You have a Rollcall account already".to_owned(),
        opening: vec![
            "Somebody, perhaps you, tried to sign up for Rollcall with this address. It has an account already, so nothing was changed.".to_owned(),
            "If it was you, just sign in. If you have forgotten your password, ask for a new one there.".to_owned(),
        ],
        code: None,
        link: Some(Link { label: "Open Rollcall".to_owned(), url: format!("{}/", app.policy.public_url) }),
        closing: vec!["If it was not you, there is nothing to do: nobody learned from us that you have an account.".to_owned()],
        short: "You have a Rollcall account already; just sign in.".to_owned(),
        data: Vec::new(),
        severity: Severity::Info,
    }
}

/// The code for a forgotten password, to the account's address.
pub(crate) fn password_reset(app: &App, email: &str, code: Code) -> Message {
    Message {
        event: "account.password_reset",
        subject: "Your code for a new Rollcall password".to_owned(),
        opening: vec!["Enter this code to set a new password. It is valid for ten minutes.".to_owned()],
        link: Some(one_tap::set_password(app, email, &code)),
        code: Some(code),
        closing: vec![
            "Somebody asked for a new password for your account. If it was not you, ignore this mail and tell nobody the code: your password stays as it is.".to_owned(),
        ],
        short: "is your code for a new Rollcall password, valid for ten minutes.".to_owned(),
        data: Vec::new(),
        severity: Severity::Info,
    }
}

/// That the password was changed.
pub(crate) fn password_changed(app: &App, now: Timestamp) -> Message {
    Message {
        event: "account.password_changed",
        subject: "Your Rollcall password was changed".to_owned(),
        opening: vec![format!(
            "The password of your account was changed on {}.",
            now.strftime("%-d %B %Y at %H:%M UTC")
        )],
        code: None,
        link: Some(Link { label: "Open Rollcall".to_owned(), url: format!("{}/", app.policy.public_url) }),
        closing: vec![
            "If it was you, there is nothing to do. If it was not, ask for a new password now: that ends every session of your account.".to_owned(),
        ],
        short: "Your Rollcall password was changed. If it was not you, set a new one now.".to_owned(),
        data: Vec::new(),
        severity: Severity::Info,
    }
}
