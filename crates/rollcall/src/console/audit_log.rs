//! The audit log of the organization: as a table that can be filtered, and as a file.

mod csv;
mod people;

use askama::Template;
use axum::extract::Query;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

pub(super) use self::csv::file;
use self::people::Names;
use super::door::Listed;
use super::frame::{Answer, Frame, html};
use super::texts::Texts;
use super::times::Time;
use super::visit::Member;
use crate::domain::event::Action;
use crate::invitations::view::FORMER_MEMBER;

/// Entries that programs make all day long; folded away unless they are asked for.
const ROUTINE: Action = Action::SessionRefreshed;

#[derive(Template)]
#[template(path = "audit_log.html")]
struct Page {
    frame: Frame,
    filter: Filter,
    entries: Vec<Entry>,
    names: Names,
    next: Option<String>,
}

/// What is looked for.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    actor: String,
    #[serde(default)]
    action: String,
    /// Not empty where routine entries are asked for.
    #[serde(default)]
    routine: String,
    #[serde(default)]
    cursor: String,
}

impl Filter {
    /// As a query string of the operation; of the next page where there is a cursor.
    fn query(&self, cursor: &str) -> String {
        query(&[("actor", &self.actor), ("action", &self.action), ("cursor", cursor)])
    }

    /// The same for this page's own address.
    fn address(&self, cursor: &str) -> String {
        let pairs = [
            ("actor", self.actor.as_str()),
            ("action", &self.action),
            ("routine", &self.routine),
            ("cursor", cursor),
        ];
        query(&pairs)
    }

    /// What the operation is asked for: everything but routine where nothing else is wanted.
    fn folded(&self) -> String {
        if self.folds() {
            let action = names().filter(|name| *name != ROUTINE.name()).collect::<Vec<_>>().join(",");
            Self { action, ..self.clone() }.query(&self.cursor)
        } else {
            self.query(&self.cursor)
        }
    }

    /// Whether routine entries are left out.
    fn folds(&self) -> bool {
        self.action.is_empty() && self.routine.is_empty()
    }

    fn is_set(&self) -> bool {
        !self.actor.is_empty() || !self.action.is_empty()
    }
}

fn query(pairs: &[(&str, &str)]) -> String {
    let given = pairs.iter().filter(|(_, value)| !value.is_empty());
    let parts: Vec<_> = given
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
        .collect();
    parts.join("&")
}

/// Every action that the log can hold.
fn names() -> impl Iterator<Item = &'static str> {
    Action::ALL.iter().filter(|action| **action != Action::Upkeep).map(|action| action.name())
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
    /// Every action with its words and whether it is looked for, in the order of the words.
    fn actions(&self) -> Vec<(&'static str, &str, bool)> {
        let mut all: Vec<_> =
            names().map(|name| (name, named(self.frame.t, name), name == self.filter.action)).collect();
        all.sort_by_key(|(_, words, _)| words.to_lowercase());
        all
    }

    /// Who can be looked for: id, name, and whether it is this one.
    fn people(&self) -> Vec<(&str, &str, bool)> {
        self.names.people().map(|(id, name)| (id, name, id == self.filter.actor)).collect()
    }

    fn named<'a>(&'a self, entry: &'a Entry) -> &'a str {
        named(self.frame.t, &entry.action)
    }

    /// Who it was, by name.
    fn who<'a>(&'a self, actor: &'a Actor) -> &'a str {
        let left = actor.full_name == FORMER_MEMBER;
        if left { self.frame.t.of("audit_log.former") } else { &actor.full_name }
    }

    /// The text of a key for what nobody in particular did: the service itself has no address.
    #[expect(clippy::unused_self, reason = "called by the template")]
    fn nobody(&self, entry: &Entry) -> &'static str {
        if entry.ip.is_none() { "audit_log.service" } else { "audit_log.nobody" }
    }

    fn kind<'a>(&'a self, entry: &'a Entry) -> &'a str {
        let key = format!("kind.{}", entry.target.kind);
        self.frame.t.find_text(&key).unwrap_or(&entry.target.kind)
    }

    /// The name of what it was done to, where it still has one.
    fn target<'a>(&'a self, entry: &'a Entry) -> Option<&'a str> {
        self.names.of(&entry.target.id)
    }
}

/// `GET /audit-log?actor=&action=&routine=&cursor=`
pub(super) async fn show(member: Member, Query(filter): Query<Filter>) -> Answer {
    let frame = Frame::of(&member, "audit-log").await?;
    let path = format!("/v1/org/audit-log?limit=50&{}", filter.folded());
    let listed: Listed<Entry> = member.door.get(&member, &path).await?;
    let next = listed.next_cursor.map(|cursor| filter.address(&cursor));
    let actors = listed.data.iter().filter_map(|entry| entry.actor.as_ref());
    let mut names = Names::of_organization(&member).await?;
    names.add(actors.map(|actor| (actor.customer_id.as_str(), actor.full_name.as_str())));
    if !filter.actor.is_empty() {
        names.add(std::iter::once((filter.actor.as_str(), member.texts.of("audit_log.former"))));
    }
    html(&Page { frame, filter, entries: listed.data, names, next })
}
