//! The built-in mailbox as a page: what came, when, for whom, and the code in it where it is easy to see.

use askama::Template;
use axum::extract::Query;

use super::door::Refusal;
use super::frame::{Answer, Frame, html};
use super::times::Time;
use super::visit::{Member, Visit};
use crate::mailbox::{Filter, KeptMessage, code_in, newest};

#[derive(Template)]
#[template(path = "mailbox_own.html")]
struct Own {
    frame: Frame,
    to: String,
    messages: Vec<Shown>,
}

#[derive(Template)]
#[template(path = "mailbox_open.html")]
struct Open {
    frame: Frame,
    to: String,
    messages: Vec<Shown>,
}

struct Shown {
    code: Option<String>,
    at: Time,
    kept: KeptMessage,
}

impl Shown {
    fn new(kept: KeptMessage) -> Self {
        Self { code: code_in(&kept.transport, &kept.text), at: kept.created_at.timestamp().into(), kept }
    }
}

/// `GET /mailbox?to=`
pub(super) async fn show(visit: Visit, Query(filter): Query<Filter>) -> Answer {
    let to = filter.receiver();
    let kept = newest(&visit.app, to.clone()).await.map_err(|_| Refusal::internal())?;
    let (to, messages) = (to.unwrap_or_default(), kept.into_iter().map(Shown::new).collect());
    match Member::of(visit.clone()) {
        Some(member) => html(&Own { frame: Frame::of(&member, "").await?, to, messages }),
        None => html(&Open { frame: Frame::open(&visit), to, messages }),
    }
}
