//! The mailbox as a page: what came, when, for whom, and the code in it where it is easy to see.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;

use super::list::{Filter, KeptMessage, newest};
use crate::app::App;
use crate::pages;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "mailbox.html")]
struct Page {
    to: String,
    messages: Vec<Shown>,
}

struct Shown {
    code: Option<String>,
    datetime: String,
    time: String,
    kept: KeptMessage,
}

/// `GET /mailbox?to=`
pub(super) async fn mailbox(
    State(app): State<App>,
    Query(filter): Query<Filter>,
) -> Result<Response, Problem> {
    let to = filter.receiver();
    let messages = newest(&app, to.clone()).await?;
    pages::render(&Page {
        to: to.unwrap_or_default(),
        messages: messages.into_iter().map(Shown::new).collect(),
    })
}

impl Shown {
    fn new(kept: KeptMessage) -> Self {
        let time = kept.created_at.timestamp();
        Self {
            code: code_in(&kept.transport, &kept.text),
            datetime: time.to_string(),
            time: time.strftime("%-d %B %Y, %H:%M:%S UTC").to_string(),
            kept,
        }
    }
}

/// The first six-digit number; in a call, the first six digits, which are read out one by one.
fn code_in(transport: &str, text: &str) -> Option<String> {
    let spoken = || text.chars().filter(char::is_ascii_digit).take(6).collect::<String>();
    let found = if transport == "phone" {
        spoken()
    } else {
        // A longer run of letters and digits is an id or a token.
        text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.' | '+'))
            .map(|word| word.trim_end_matches('.'))
            .find(|word| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit()))?
            .to_owned()
    };
    (found.len() == 6).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_message_is_found_and_nothing_else() {
        let code = |transport, text| code_in(transport, text);
        assert_eq!(code("email", "Your code:\n\n    087608\n").as_deref(), Some("087608"));
        assert_eq!(code("webhook", r#"{"data":{"code":"293479"}}"#).as_deref(), Some("293479"));
        assert_eq!(code("sms", "293479 is your code.").as_deref(), Some("293479"));
        assert_eq!(code("phone", "Your Rollcall code is 0, 8, 7, 6, 0, 8.").as_deref(), Some("087608"));
        assert_eq!(code("email", "http://localhost/invitation?token=rci_123456"), None);
        assert_eq!(code("email", "Call +994551234567 by 2026-11-24."), None);
    }
}
