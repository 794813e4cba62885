//! What every operation refuses alike, provoked on each one that the document says it of.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value, json};

use super::world::World;
use super::{document, operations};
use crate::support::{Answer, Request};

/// Collects what is not as it must be.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    /// Sends, and expects a refusal; gives the answer for a closer look.
    async fn refused(&mut self, what: &str, request: Request<'_>, status: u16, code: &str) -> Answer {
        let answer = request.send().await;
        if answer.status.as_u16() != status || answer.body["code"] != code {
            self.0.push(format!("{what}: {} instead of {status} {code}: {}", answer.status, answer.body));
        }
        answer
    }
}

#[tokio::test]
async fn every_operation_refuses_what_none_of_them_takes() {
    let world = World::new().await;
    let scene = world.scene_with_deliveries().await;
    let document = document();
    let mut faults = Faults::default();
    for (method, path, entry) in operations(&document) {
        let operation = format!("{method} {path}");
        let method: Method = method.parse().expect("a method");
        let token = &world.entitled(&path).token;
        let secured = entry["security"].is_array();
        let needs_token = entry["security"].as_array().is_some_and(|ways| ways.len() == 1);
        let has_body = entry["requestBody"].is_object();
        let plain = || world.request(method.clone(), &path, &scene);
        let signed = || if secured { plain().token(token) } else { plain() };
        let on = |path: &str| world.server.request(method.clone(), path).token(token);

        faults.refused(&operation, signed().header("accept", "text/html"), 406, "not_acceptable").await;
        if needs_token {
            faults.refused(&operation, plain().raw("{"), 401, "token_missing").await;
        }
        if secured {
            faults.refused(&operation, plain().token("rca_x").raw("{"), 401, "token_invalid").await;
        }
        let [nowhere, malformed] = World::wrong_paths(&path);
        if nowhere != path {
            faults.refused(&operation, on(&nowhere).raw("{"), 404, "not_found").await;
            faults.refused(&operation, on(&malformed).raw("{"), 422, "id_invalid").await;
        }
        if has_body {
            let typed = |kind: &str, body: &str| signed().header("content-type", kind).raw(body.to_owned());
            faults.refused(&operation, typed("text/plain", "{}"), 415, "media_type_unsupported").await;
            faults.refused(&operation, typed("application/json", "{"), 400, "json_malformed").await;
            let large = json!({"x": "x".repeat(64 * 1024)}).to_string();
            faults.refused(&operation, typed("application/json", &large), 413, "body_too_large").await;
            let unknown = signed().json(&json!({"no_such_field": 1}));
            let answer = faults.refused(&operation, unknown, 422, "validation_failed").await;
            let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
            let named = |error: &Value| error["field"] == "no_such_field" && error["code"] == "field_unknown";
            if !errors.iter().any(named) {
                faults.0.push(format!("{operation}: the unknown field is not named: {}", answer.body));
            }
        }
        if needs_token && method != Method::GET {
            let request = signed().header("idempotency-key", "two words").json(&json!({}));
            let answer = request.send().await;
            // The key is judged with the body, after the rights.
            if answer.status != 422 {
                faults.0.push(format!("{operation}: a key that is none gives {}", answer.status));
            }
        }
        let parameters = entry["parameters"].as_array().cloned().unwrap_or_default();
        if parameters.iter().any(|parameter| parameter["name"] == "limit") {
            let query = |text: &str| on(&format!("{}?{text}", world.path(&path, &scene)));
            faults.refused(&operation, query("limit=201"), 422, "validation_failed").await;
            faults.refused(&operation, query("cursor=x"), 422, "validation_failed").await;
        }
    }
    assert!(faults.0.is_empty(), "{}", faults.0.join("\n"));
}

#[tokio::test]
async fn a_method_that_a_path_does_not_have_is_405_with_those_that_it_has() {
    let world = World::new().await;
    let scene = world.scene().await;
    let all = operations(&document());
    let paths: BTreeSet<_> = all.iter().map(|(_, path, _)| path.clone()).collect();
    for path in paths {
        let known: BTreeSet<_> =
            all.iter().filter(|(_, of, _)| *of == path).map(|(method, _, _)| method.as_str()).collect();
        let other =
            ["GET", "POST", "PUT", "PATCH", "DELETE"].into_iter().find(|method| !known.contains(method));
        let Some(other) = other else { continue };
        let request = world.request(other.parse().expect("a method"), &path, &scene);
        let answer = request.token(&world.entitled(&path).token).refused(405, "method_not_allowed").await;
        let allowed: BTreeSet<_> =
            answer.header("allow").split(", ").filter(|method| *method != "HEAD").collect();
        assert_eq!(allowed, known, "{path}");
    }
}

/// Refusals that no client can provoke at will.
const BEYOND_CLIENTS: [&str; 2] = ["internal", "unavailable"];

#[test]
fn every_refusal_that_the_document_names_is_provoked_by_a_test() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api");
    let mut tests = String::new();
    for file in std::fs::read_dir(folder).expect("the tests") {
        let path = file.expect("a file").path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            tests += &std::fs::read_to_string(path).expect("a text");
        }
    }
    tests += include_str!("problems.rs");
    let known: Vec<_> = rollcall::problem::Code::ALL.iter().map(|code| code.name()).collect();
    let mut named = BTreeSet::new();
    for (_, _, entry) in operations(&document()) {
        for response in entry["responses"].as_object().expect("responses").values() {
            let description = response["description"].as_str().unwrap_or_default();
            let words = description.split('`').skip(1).step_by(2);
            named.extend(words.filter(|word| known.contains(word)).map(str::to_owned));
        }
    }
    let untested: Vec<_> = named
        .iter()
        .filter(|code| !BEYOND_CLIENTS.contains(&code.as_str()) && !tests.contains(&format!("\"{code}\"")))
        .collect();
    assert!(untested.is_empty(), "no test of the API provokes {untested:?}");
}
