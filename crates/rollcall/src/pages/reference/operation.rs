//! One operation as the reference shows it.

use http::Method;
use serde_json::Value;

use super::fields::{Field, fields, parameter};
use super::{example, resolved};
use crate::http::service::Service;
use crate::pages::prose;

pub(super) struct Operation {
    pub(super) anchor: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) service: &'static str,
    pub(super) summary: String,
    pub(super) description: String,
    pub(super) token: &'static str,
    pub(super) parameters: Vec<Field>,
    pub(super) headers: Vec<Field>,
    pub(super) body: Vec<Field>,
    pub(super) call: String,
    pub(super) answers: Vec<Answer>,
}

pub(super) struct Answer {
    pub(super) status: String,
    pub(super) good: bool,
    pub(super) description: String,
    pub(super) fields: Vec<Field>,
    pub(super) example: String,
}

impl Operation {
    pub(super) fn new(document: &Value, method: &Method, path: &str, entry: &Value, base: &str) -> Self {
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        let body = &entry["requestBody"]["content"]["application/json"]["schema"];
        let all = entry["parameters"].as_array().into_iter().flatten();
        let (headers, parameters): (Vec<_>, Vec<_>) =
            all.map(|given| resolved(document, given)).partition(|given| given["in"] == "header");
        let answers = entry["responses"].as_object().into_iter().flatten();
        Self {
            anchor: text("operationId"),
            method: method.to_string(),
            path: path.to_owned(),
            service: Service::of(method, path).name(),
            summary: text("summary"),
            description: prose::paragraphs(&text("description")),
            token: token(entry),
            parameters: parameters.into_iter().map(|given| parameter(document, given)).collect(),
            headers: headers.into_iter().map(|given| parameter(document, given)).collect(),
            body: fields(document, body),
            call: example::call(document, method, path, entry, base),
            answers: answers.map(|(status, answer)| Answer::new(document, status, answer)).collect(),
        }
    }
}

fn token(entry: &Value) -> &'static str {
    match entry["security"].as_array().map(Vec::len) {
        None => "No token",
        Some(1) => "Needs a token",
        Some(_) => "With or without a token",
    }
}

impl Answer {
    fn new(document: &Value, status: &str, answer: &Value) -> Self {
        let good = status.starts_with('2');
        let schema = &answer["content"]["application/json"]["schema"];
        let shown = good && !schema.is_null();
        Self {
            status: status.to_owned(),
            good,
            description: prose::inline(answer["description"].as_str().unwrap_or_default()),
            fields: if shown { fields(document, schema) } else { Vec::new() },
            example: if shown { example::pretty(&example::value(document, schema)) } else { String::new() },
        }
    }
}
