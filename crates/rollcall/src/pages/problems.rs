//! The catalogue of problems: where the `type` of each problem leads.

use askama::Template;

use super::prose;
use crate::problem::Code;

#[derive(Template)]
#[template(path = "problems.html")]
pub(super) struct Page {
    groups: Vec<Group>,
}

/// The codes of one status.
struct Group {
    status: u16,
    reason: &'static str,
    codes: Vec<Entry>,
}

struct Entry {
    name: &'static str,
    title: &'static str,
    detail: String,
}

/// `GET /docs/problems`
pub(super) fn page() -> Page {
    let mut groups: Vec<Group> = Vec::new();
    for code in Code::ALL {
        let status = code.status();
        let entry = Entry { name: code.name(), title: code.title(), detail: prose::inline(code.detail()) };
        match groups.iter_mut().find(|group| group.status == status.as_u16()) {
            Some(group) => group.codes.push(entry),
            None => groups.push(Group {
                status: status.as_u16(),
                reason: status.canonical_reason().unwrap_or_default(),
                codes: vec![entry],
            }),
        }
    }
    groups.sort_by_key(|group| group.status);
    Page { groups }
}
