//! Example values of schemas, and a call with them.

use http::Method;
use serde_json::{Map, Value, json};

use super::resolved;

/// A value that fits a schema.
pub(super) fn value(document: &Value, schema: &Value) -> Value {
    let schema = resolved(document, schema);
    if let Some(given) = schema["examples"].get(0).or_else(|| schema.get("example")) {
        return given.clone();
    }
    if let Some(choices) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
        let choice = choices.iter().find(|choice| choice["type"] != "null");
        return choice.map_or(Value::Null, |choice| value(document, choice));
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let parts = parts.iter().map(|part| value(document, part));
        let fields = parts.filter_map(|part| part.as_object().cloned());
        return Value::Object(fields.flatten().collect());
    }
    let kind = match &schema["type"] {
        Value::Array(all) => all.iter().find(|one| *one != "null").and_then(Value::as_str),
        one => one.as_str(),
    };
    match (kind, schema["format"].as_str()) {
        (Some("string"), Some("uuid")) => json!("019ab3f2-6c1e-7d40-8f1a-3f5f0b9c2d11"),
        (Some("string"), Some("date-time")) => json!("2026-11-24T09:30:00Z"),
        (Some("string"), _) => schema["enum"].get(0).cloned().unwrap_or_else(|| json!("…")),
        (Some("integer" | "number"), _) => json!(schema["minimum"].as_i64().unwrap_or(1)),
        (Some("boolean"), _) => json!(true),
        (Some("array"), _) => json!([value(document, &schema["items"])]),
        _ => {
            let all = schema["properties"].as_object().into_iter().flatten();
            let fields: Map<_, _> = all.map(|(name, own)| (name.clone(), value(document, own))).collect();
            Value::Object(fields)
        }
    }
}

/// As indented JSON.
pub(super) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// A call of an operation with curl.
pub(super) fn call(document: &Value, method: &Method, path: &str, entry: &Value, base: &str) -> String {
    let query: Vec<_> = entry["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|given| given["in"] == "query" && given["required"] == true)
        .filter_map(|given| {
            Some(format!("{}={}", given["name"].as_str()?, plain(&value(document, &given["schema"]))))
        })
        .collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let verb = if *method == Method::GET { String::new() } else { format!("-X {method} ") };
    let mut lines = vec![format!("curl {verb}\"{base}{}{query}\"", with_variables(path))];
    if entry["security"].as_array().is_some_and(|all| all.len() == 1) {
        lines.push("-H \"Authorization: Bearer $TOKEN\"".to_owned());
    }
    let body = &entry["requestBody"]["content"]["application/json"]["schema"];
    if !body.is_null() {
        lines.push("-H \"Content-Type: application/json\"".to_owned());
        lines.push(format!("-d '{}'", value(document, body).to_string().replace('\'', "'\\''")));
    }
    lines.join(" \\\n  ")
}

/// `/v1/team/{id}/member/{member_id}` -> `/v1/team/$TEAM_ID/member/$MEMBER_ID`
fn with_variables(path: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in path.split('/') {
        let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        let owner = parts.last().cloned().unwrap_or_default();
        parts.push(match name {
            Some("id") => format!("${}_ID", owner.replace('-', "_").to_uppercase()),
            Some(name) => format!("${}", name.to_uppercase()),
            None => part.to_owned(),
        });
    }
    parts.join("/")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_in_paths_become_variables_that_say_whose_they_are() {
        assert_eq!(with_variables("/v1/team/{id}/member/{member_id}"), "/v1/team/$TEAM_ID/member/$MEMBER_ID");
        assert_eq!(with_variables("/v1/team-service/{id}"), "/v1/team-service/$TEAM_SERVICE_ID");
    }

    #[test]
    fn examples_follow_references_and_choices() {
        let document = json!({"components": {"schemas": {"Name": {"type": "string", "examples": ["Ann"]}}}});
        let name = json!({"$ref": "#/components/schemas/Name"});
        let schema = json!({"type": "object", "properties": {"name": {"oneOf": [{"type": "null"}, name]}, "on": {"type": "boolean"}}});
        assert_eq!(value(&document, &schema), json!({"name": "Ann", "on": true}));
    }
}
