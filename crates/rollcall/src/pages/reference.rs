//! The API reference, made of the OpenAPI document: every operation by its tag, with fields, answers and a call.

mod example;
mod fields;
mod operation;

use askama::Template;
use http::Method;
use serde_json::Value;
use utoipa::openapi::OpenApi;

use self::operation::Operation;
use super::prose;

#[derive(Template)]
#[template(path = "reference.html")]
pub(super) struct Page {
    intro: String,
    base: String,
    count: usize,
    groups: Vec<Group>,
}

/// In the order in which a newcomer meets them; a tag that is not named here stands at the end.
const ORDER: [&str; 10] = [
    "Accounts",
    "Sessions",
    "Customers",
    "Organization",
    "Teams",
    "Members",
    "Invitations",
    "Personal notification channels",
    "Team notification channels",
    "Services",
];

/// The operations of one tag.
struct Group {
    name: String,
    anchor: String,
    operations: Vec<Operation>,
}

/// `GET /docs`, with calls to the server at `base`.
pub(super) fn page(document: &OpenApi, base: &str) -> Page {
    let document = serde_json::to_value(document).unwrap_or_default();
    let mut groups: Vec<Group> = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let Some(entry) = item.get(method.as_str().to_lowercase()) else { continue };
            let name = entry["tags"][0].as_str().unwrap_or("Other").to_owned();
            let operation = Operation::new(&document, &method, path, entry, base);
            if let Some(group) = groups.iter_mut().find(|group| group.name == name) {
                group.operations.push(operation);
            } else {
                let anchor = format!("tag-{}", name.to_lowercase().replace(' ', "-"));
                groups.push(Group { name, anchor, operations: vec![operation] });
            }
        }
    }
    groups.sort_by_key(|group| ORDER.iter().position(|name| *name == group.name).unwrap_or(ORDER.len()));
    let intro = document["info"]["description"].as_str().unwrap_or_default();
    let count = groups.iter().map(|group| group.operations.len()).sum();
    Page { intro: prose::paragraphs(intro), base: base.to_owned(), count, groups }
}

/// What a reference in the document leads to.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let mut found = schema;
    // The document nests references a few deep at the most.
    for _ in 0..8 {
        match found["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
            Some(pointer) => found = document.pointer(pointer).unwrap_or(&Value::Null),
            None => break,
        }
    }
    found
}
