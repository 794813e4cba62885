//! The audit log of the organization: as a table that can be filtered, and as CSV.

use askama::Template;
use axum::extract::Query;
use axum::response::IntoResponse;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::door::{Listed, Refusal};
use super::frame::{Answer, Frame, html};
use super::texts::Texts;
use super::times::Time;
use super::visit::Member;
use crate::domain::event::Action;

/// The most entries that one CSV file holds; older ones are found by the API.
const LONGEST_FILE: usize = 20_000;

#[derive(Template)]
#[template(path = "audit_log.html")]
struct Page {
    frame: Frame,
    filter: Filter,
    entries: Vec<Entry>,
    next: Option<String>,
    actor: Option<String>,
}

/// What is looked for.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    actor: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    cursor: String,
}

impl Filter {
    /// As a query string; of the next page where there is a cursor.
    fn query(&self, cursor: &str) -> String {
        let pairs = [("actor", self.actor.as_str()), ("action", &self.action), ("cursor", cursor)];
        let given = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        let parts: Vec<_> = given
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
            .collect();
        parts.join("&")
    }

    fn is_set(&self) -> bool {
        !self.actor.is_empty() || !self.action.is_empty()
    }
}

#[derive(Deserialize)]
struct Entry {
    at: Time,
    actor: Option<Actor>,
    action: String,
    target: Target,
    request_id: String,
    ip: Option<String>,
}

#[derive(Deserialize)]
struct Actor {
    customer_id: String,
    full_name: String,
}

#[derive(Deserialize)]
struct Target {
    #[serde(rename = "type")]
    kind: String,
    id: String,
}

/// An action in the reader's language.
fn named<'a>(t: &'a Texts, action: &'a str) -> &'a str {
    t.find_text(&format!("action.{}", action.replace('.', "_"))).unwrap_or(action)
}

impl Page {
    /// Every action with its words and whether it is looked for.
    fn actions(&self) -> Vec<(&'static str, &str, bool)> {
        let all = Action::ALL.iter().filter(|action| **action != Action::Upkeep).map(|action| action.name());
        all.map(|name| (name, named(self.frame.t, name), name == self.filter.action)).collect()
    }

    fn named<'a>(&'a self, entry: &'a Entry) -> &'a str {
        named(self.frame.t, &entry.action)
    }

    fn kind<'a>(&'a self, entry: &'a Entry) -> &'a str {
        let key = format!("kind.{}", entry.target.kind);
        self.frame.t.find_text(&key).unwrap_or(&entry.target.kind)
    }
}

/// `GET /audit-log?actor=&action=&cursor=`
pub(super) async fn show(member: Member, Query(filter): Query<Filter>) -> Answer {
    let frame = Frame::of(&member, "audit-log").await?;
    let path = format!("/v1/org/audit-log?limit=50&{}", filter.query(&filter.cursor));
    let listed: Listed<Entry> = member.door.get(&member, &path).await?;
    let next = listed.next_cursor.map(|cursor| filter.query(&cursor));
    let named = listed.data.iter().filter_map(|entry| entry.actor.as_ref());
    let actor = named
        .map(|actor| actor.full_name.clone())
        .next()
        .filter(|_| !filter.actor.is_empty())
        .or_else(|| (!filter.actor.is_empty()).then(|| filter.actor.clone()));
    html(&Page { frame, filter, entries: listed.data, next, actor })
}

/// `GET /audit-log.csv?actor=&action=` (RFC 4180)
pub(super) async fn csv(member: Member, Query(filter): Query<Filter>) -> Answer {
    let mut file = String::from("at,actor,actor_id,action,target_type,target_id,request_id,ip\r\n");
    let (mut cursor, mut count) = (String::new(), 0);
    loop {
        let path = format!("/v1/org/audit-log?limit=200&{}", filter.query(&cursor));
        let listed: Listed<Entry> = member.door.get(&member, &path).await?;
        count += listed.data.len();
        for entry in &listed.data {
            line(&mut file, entry);
        }
        match listed.next_cursor {
            Some(next) if count < LONGEST_FILE => cursor = next,
            _ => break,
        }
    }
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"audit-log.csv\""),
    ];
    Ok::<_, Refusal>((headers, file).into_response())
}

fn line(file: &mut String, entry: &Entry) {
    let (name, id) = entry.actor.as_ref().map_or(("", ""), |actor| (&actor.full_name, &actor.customer_id));
    let at = entry.at.machine();
    let ip = entry.ip.as_deref().unwrap_or_default();
    let fields = [&at, name, id, &entry.action, &entry.target.kind, &entry.target.id, &entry.request_id, ip]
        .map(field);
    file.push_str(&fields.join(","));
    file.push_str("\r\n");
}

/// Quoted where it must be. A text that a spreadsheet would calculate gets a quote in front (CSV injection).
fn field(text: &str) -> String {
    let calculated = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if calculated { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn fields_are_quoted_and_nothing_is_calculated() {
        assert_eq!(field("Ann Lee"), "Ann Lee");
        assert_eq!(field("Lee, \"Ann\""), "\"Lee, \"\"Ann\"\"\"");
        assert_eq!(field("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
    }
}
