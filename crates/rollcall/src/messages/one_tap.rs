//! The links beside codes: each opens the page where the code is entered, with the code filled in.
//!
//! The code stands in the fragment, which a browser sends to nobody: no log and no link scanner on the way gets it. The
//! page only fills it in; what confirms is the person's own tap, a POST.

use url::form_urlencoded;

use super::Link;
use crate::app::App;
use crate::domain::channel::Owner;
use crate::domain::id::Id;
use crate::domain::one_time_code::Code;
use crate::domain::priority::Priority;

/// To the end of a sign-up.
pub(super) fn confirm_account(app: &App, email: &str, code: &Code) -> Link {
    link(app, "Confirm the address", &format!("/sign-up/code?email={}", encoded(email)), code)
}

/// To a new password.
pub(super) fn set_password(app: &App, email: &str, code: &Code) -> Link {
    link(app, "Set a new password", &format!("/forgotten-password/code?email={}", encoded(email)), code)
}

/// To the account page of whoever is signed in.
pub(super) fn confirm_username(app: &App, code: &Code) -> Link {
    link(app, "Confirm the new address", "/account", code)
}

/// To the channel, for whoever is signed in and may change it.
pub(super) fn verify_channel(app: &App, owner: Owner, priority: Priority, code: &Code) -> Link {
    let team = match owner {
        Owner::Customer(_) => String::new(),
        Owner::Team(id) => format!("team={}&", id.uuid()),
    };
    link(app, "Verify the channel", &format!("/verify?{team}priority={}", priority.get()), code)
}

fn link(app: &App, label: &str, path: &str, code: &Code) -> Link {
    let url = format!("{}{path}#code={}", app.policy.public_url, code.as_str());
    Link { label: label.to_owned(), url }
}

fn encoded(email: &str) -> String {
    form_urlencoded::byte_serialize(email.as_bytes()).collect()
}
