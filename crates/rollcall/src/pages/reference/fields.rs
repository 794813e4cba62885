//! The fields of a schema as flat rows: dotted names, what each may hold, what it means.

use serde_json::Value;

use super::resolved;
use crate::pages::prose;

/// How deep fields of fields are shown.
const DEEPEST: usize = 3;

/// A row; `name` and `description` are HTML.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) required: bool,
    pub(super) kind: String,
    pub(super) description: String,
}

/// The fields of an object's schema.
pub(super) fn fields(document: &Value, schema: &Value) -> Vec<Field> {
    let mut found = Vec::new();
    collect(document, schema, "", 0, &mut found);
    found
}

/// A parameter of a path, a query or the headers.
pub(super) fn parameter(document: &Value, given: &Value) -> Field {
    Field {
        name: prose::name(given["name"].as_str().unwrap_or_default()),
        required: given["required"] == true,
        kind: kind(document, &given["schema"]),
        description: prose::inline(given["description"].as_str().unwrap_or_default()),
    }
}

fn collect(document: &Value, schema: &Value, prefix: &str, depth: usize, found: &mut Vec<Field>) {
    let schema = one(document, schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        collect(document, part, prefix, depth, found);
    }
    let required = schema["required"].as_array();
    for (name, own) in schema["properties"].as_object().into_iter().flatten() {
        let full = format!("{prefix}{name}");
        let described = own["description"].as_str().or_else(|| one(document, own)["description"].as_str());
        found.push(Field {
            name: prose::name(&full),
            required: required.is_some_and(|all| all.iter().any(|one| one == name)),
            kind: kind(document, own),
            description: prose::inline(described.unwrap_or_default()),
        });
        let inner = one(document, own);
        if depth < DEEPEST {
            let items = &inner["items"];
            let (inside, dots) = if items.is_null() { (inner, ".") } else { (items, "[].") };
            collect(document, inside, &format!("{full}{dots}"), depth + 1, found);
        }
    }
}

/// The schema itself, or that of the choices that is not null.
fn one<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let schema = resolved(document, schema);
    let choices = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array());
    let choice = choices.and_then(|all| all.iter().find(|choice| choice["type"] != "null"));
    choice.map_or(schema, |choice| resolved(document, choice))
}

fn nullable(document: &Value, schema: &Value) -> bool {
    let schema = resolved(document, schema);
    let null = |all: &Value| {
        all.as_array().is_some_and(|all| all.iter().any(|one| one == "null" || one["type"] == "null"))
    };
    null(&schema["type"]) || null(&schema["oneOf"]) || null(&schema["anyOf"])
}

/// What a value may be, in a few words.
fn kind(document: &Value, schema: &Value) -> String {
    let or_null = if nullable(document, schema) { " or null" } else { "" };
    let schema = one(document, schema);
    let base = match &schema["type"] {
        Value::Array(all) => all.iter().find(|one| *one != "null").and_then(Value::as_str),
        one => one.as_str(),
    };
    let text = match (base.unwrap_or("object"), schema["format"].as_str()) {
        ("string", Some("uuid")) => "UUID".to_owned(),
        ("string", Some("date-time")) => "time".to_owned(),
        ("string", _) if schema["enum"].is_array() => choices(&schema["enum"]),
        ("string", _) => format!("text{}", bounds(schema, "minLength", "maxLength", " characters")),
        ("integer", _) => format!("number{}", bounds(schema, "minimum", "maximum", "")),
        ("boolean", _) => "true or false".to_owned(),
        ("array", _) => format!("list of {}", kind(document, &schema["items"])),
        (other, _) => other.to_owned(),
    };
    text + or_null
}

fn choices(all: &Value) -> String {
    let all: Vec<_> = all.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    all.join(" · ")
}

fn bounds(schema: &Value, low: &str, high: &str, unit: &str) -> String {
    match (schema[low].as_i64(), schema[high].as_i64()) {
        (Some(low), Some(high)) if low == high => format!(", {low}{unit}"),
        (Some(low), Some(high)) => format!(", {low} to {high}{unit}"),
        (Some(low), None) => format!(", from {low}{unit}"),
        (None, Some(high)) => format!(", up to {high}{unit}"),
        (None, None) => String::new(),
    }
}
