//! The first page: what this is for who is not signed in, what needs attention for who is.

use askama::Template;

use super::frame::{Answer, Frame, html};
use super::visit::{Member, Visit};

#[derive(Template)]
#[template(path = "landing.html")]
struct Landing {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    frame: Frame,
    first_name: String,
}

/// `GET /`
pub(super) async fn show(visit: Visit) -> Answer {
    let Some(member) = Member::of(visit.clone()) else {
        return html(&Landing { frame: Frame::open(&visit) });
    };
    let frame = Frame::of(&member, "home").await?;
    let name = frame.person.as_ref().map(|person| person.full_name.clone()).unwrap_or_default();
    let first_name = name.split_whitespace().next().unwrap_or_default().to_owned();
    html(&Home { frame, first_name })
}
