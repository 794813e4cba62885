//! Completeness: each operation of the document does for whom, with which event and which refusals, what stands of it in
//! `../operations.rs`.

mod json;
mod keys;
mod problems;
mod world;

use serde_json::Value;

use self::world::World;
use crate::operations::all;

/// The document of the code.
fn document() -> Value {
    serde_json::to_value(rollcall::routes::document()).expect("a document")
}

/// Each operation by method and path, with its entry.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().expect("paths");
    let mut found = Vec::new();
    for (path, item) in paths {
        for method in ["get", "post", "put", "patch", "delete"] {
            if item[method].is_object() {
                found.push((method.to_ascii_uppercase(), path.clone(), item[method].clone()));
            }
        }
    }
    found
}

/// An operation by method and path, with what each caller gets and what a success leaves.
struct Row {
    operation: String,
    /// What a root, a manager, a user, a stranger and nobody get.
    statuses: [u16; 5],
    events: &'static [&'static str],
}

/// Every operation, in an order in which all can be tried.
fn table() -> Vec<Row> {
    let rows = all().into_iter().map(|(method, path, operation)| Row {
        operation: format!("{method} {path}"),
        statuses: operation.statuses(),
        events: operation.events,
    });
    rows.collect()
}

#[test]
fn every_status_of_the_table_is_documented_and_commands_alone_have_events() {
    let (document, table) = (document(), table());
    for (method, path, entry) in operations(&document) {
        let operation = format!("{method} {path}");
        let row = table.iter().find(|row| row.operation == operation).expect("a row");
        for status in row.statuses {
            assert!(entry["responses"][status.to_string()].is_object(), "{operation}: {status}");
        }
        let query = method == "GET" || path.ends_with("/preview");
        assert_eq!(row.events.is_empty(), query, "{operation}");
    }
}

#[tokio::test]
async fn everybody_gets_what_the_table_says_and_only_a_success_leaves_its_event() {
    let world = World::new().await;
    let mut faults = Vec::new();
    for row in table() {
        let mut scene = world.scene().await;
        // Refusals first: they change nothing.
        let mut order: Vec<_> = row.statuses.into_iter().zip(world.callers()).zip(0..).collect();
        order.sort_by_key(|((status, _), _)| *status < 300);
        for ((status, caller), column) in order {
            let (id, answer) = world.ask(&row.operation, &scene, caller).await;
            let who = ["root", "manager", "user", "stranger", "nobody"][column];
            let found = answer.status.as_u16();
            if found != status {
                faults.push(format!("{}: {who} gets {found}, not {status}: {}", row.operation, answer.body));
            }
            let code = answer.body["code"].as_str().unwrap_or_default();
            let expected = match found {
                401 => "token_missing",
                403 => "role_insufficient",
                404 => "not_found",
                _ => code,
            };
            if code != expected {
                faults.push(format!("{}: {who} is refused with {code}", row.operation));
            }
            let mut events = world.events(&id).await;
            let mut expected = if found < 300 { row.events } else { &[] }.to_vec();
            expected.extend(further_event(&row.operation, who, found));
            events.sort_unstable();
            expected.sort_unstable();
            if events != expected {
                faults.push(format!("{}: {who} leaves {events:?}, not {expected:?}", row.operation));
            }
            // Who has left for good cannot be put into another team.
            if found < 300 && !row.events.is_empty() && row.operation != "DELETE /v1/customer" {
                scene = world.scene().await;
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What one of the callers leaves beside the others.
fn further_event(operation: &str, who: &str, status: u16) -> Option<&'static str> {
    match (operation, who, status) {
        ("POST /v1/invitation/accept", "nobody", 201) => Some("customer.created"),
        // By accepting, the stranger had become a guest.
        ("DELETE /v1/customer", "stranger", 200) => Some("member.removed"),
        _ => None,
    }
}
