//! The audit log as a file of comma-separated values (RFC 4180).

use axum::extract::Query;
use axum::response::IntoResponse;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use super::{Entry, Filter};
use crate::console::door::{Listed, Refusal};
use crate::console::frame::Answer;
use crate::console::visit::Member;

/// The most entries that one file holds; older ones are found by the API.
const LONGEST_FILE: usize = 20_000;

/// `GET /audit-log.csv?actor=&action=`: everything that fits, what the page folds away too.
pub(in crate::console) async fn file(member: Member, Query(filter): Query<Filter>) -> Answer {
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
