//! Who may do nothing in an organization takes nothing from it: not even its place in the order of commands.

use serde_json::{Value, json};

use super::database::Database;
use super::process::Folder;

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_stranger_neither_waits_for_an_organization_nor_learns_by_waiting_that_it_is_there() {
    let (folder, database) = (Folder::new(), Database::new().await.expect("run this by ./scripts/postgres"));
    let url = database.url();
    let program = folder.serve(&[("ROLLCALL_DATABASE_URL", &url), ("ROLLCALL_RATE_LIMITS", "off")]);
    let (ann, eve) = (program.sign_up("Ann").await, program.sign_up("Eve").await);
    let team = program.send("POST", "/v1/team", &ann, &json!({"name": "Platform"}), 201).await;
    let team_id = team["team"]["team_id"].as_str().expect("an id").to_owned();
    let service = json!({"team_id": team_id, "name": "API"});
    let made = program.send("POST", "/v1/service", &ann, &service, 201).await;
    let service_id = made["service"]["service_id"].as_str().expect("an id").to_owned();
    let mut client = database.client().await;
    let held = client.transaction().await.expect("a transaction");
    held.batch_execute("select 1 from organization for update").await.expect("every organization is held");
    let commands = [
        ("PUT", format!("/v1/team/{team_id}"), json!({"name": "Mine"})),
        ("DELETE", format!("/v1/team/{team_id}"), Value::Null),
        ("POST", "/v1/service".to_owned(), service.clone()),
        ("PUT", format!("/v1/service/{service_id}"), json!({"name": "Mine"})),
        ("DELETE", format!("/v1/service/{service_id}"), Value::Null),
    ];
    // A command of those who may waits for as long as it has patience, so that an answer of 404 is one that has not waited.
    for (method, path, body) in &commands {
        program.send(method, path, &eve, body, 404).await;
        program.send(method, path, &ann, body, 503).await;
    }
    held.rollback().await.expect("let go");
    for (method, path, body) in &commands {
        program.send(method, path, &eve, body, 404).await;
    }
    program.send("PUT", &format!("/v1/team/{team_id}"), &ann, &json!({"name": "Ours"}), 200).await;
}
