//! Where somebody is signed in, and ending it there.

use askama::Template;
use http::Method;
use serde::Deserialize;
use serde_json::Value;

use crate::console::door::{Listed, Refusal};
use crate::console::forms::Posted;
use crate::console::frame::{Answer, Frame, go_saying, html};
use crate::console::texts::Texts;
use crate::console::times::Time;
use crate::console::visit::Member;

#[derive(Template)]
#[template(path = "sessions.html")]
struct Page {
    frame: Frame,
    tab: &'static str,
    sessions: Vec<Session>,
}

/// A session.
#[derive(Deserialize)]
struct Session {
    #[serde(rename = "session_id")]
    id: String,
    current: bool,
    kind: String,
    created_at: Time,
    used_at: Time,
    ip: Option<String>,
    user_agent: Option<String>,
}

impl Session {
    /// The program by the names that people use.
    fn program(&self, t: &Texts) -> String {
        let Some(text) = &self.user_agent else { return t.of("sessions.unknown").to_owned() };
        let first = |names: &[(&str, &'static str)]| {
            names.iter().find(|(mark, _)| text.contains(mark)).map(|(_, name)| *name)
        };
        // Every browser names its ancestors too, so the order matters.
        let browser = first(&[
            ("Edg/", "Edge"),
            ("OPR/", "Opera"),
            ("Firefox/", "Firefox"),
            ("HeadlessChrome/", "Chrome"),
            ("Chrome/", "Chrome"),
            ("Safari/", "Safari"),
        ]);
        let system = first(&[
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Android", "Android"),
            ("Windows", "Windows"),
            ("Mac OS X", "macOS"),
            ("CrOS", "ChromeOS"),
            ("Linux", "Linux"),
        ]);
        match (browser, system) {
            (Some(browser), Some(system)) => t.fill2("sessions.program", browser, system),
            (Some(browser), None) => browser.to_owned(),
            _ => text.split(' ').next().unwrap_or_default().to_owned(),
        }
    }

    fn icon(&self) -> &'static str {
        let phone =
            self.user_agent.as_ref().is_some_and(|text| text.contains("Mobile") || text.contains("iPhone"));
        match self.kind.as_str() {
            "console" if phone => "smartphone",
            "console" => "monitor",
            _ => "terminal",
        }
    }
}

/// `GET /account/sessions`
pub(super) async fn show(member: Member) -> Answer {
    let frame = Frame::of(&member, "account").await?;
    let listed: Listed<Session> = member.door.get(&member, "/v1/customer/sessions?limit=200").await?;
    let mut sessions = listed.data;
    // The one in use first, then the one used last.
    sessions.sort_by_key(|session| (!session.current, std::cmp::Reverse(session.used_at)));
    html(&Page { frame, tab: "sessions", sessions })
}

/// `POST /account/sessions/end`
pub(super) async fn end(member: Member, posted: Posted) -> Answer {
    let id: uuid::Uuid = posted.value("session_id").parse().map_err(|_| Refusal::not_found())?;
    let path = format!("/v1/customer/session/{id}");
    match member.door.send(&member, Method::DELETE, &path, Value::Null).await {
        Ok(_) => Ok(go_saying("/account/sessions", "session_ended", &[])),
        // It has ended meanwhile, which is what was wanted.
        Err(refusal) if refusal.code == "not_found" => {
            Ok(go_saying("/account/sessions", "session_ended", &[]))
        }
        Err(refusal) => Err(refusal),
    }
}

/// `POST /account/sessions/end-others`
pub(super) async fn end_others(member: Member) -> Answer {
    member.door.send(&member, Method::DELETE, "/v1/customer/sessions", Value::Null).await?;
    Ok(go_saying("/account/sessions", "other_sessions_ended", &[]))
}
