//! `rollcall copy`: an organization moves from its SQLite file to PostgreSQL and goes on as if nothing had happened.

use serde_json::{Value, json};

use super::database::Database;
use super::process::{Folder, refusal, said};

/// Everything but the worker: messages stay in the outbox.
const WITHOUT_WORKER: (&str, &str) =
    ("ROLLCALL_SERVICES", "auth,customer-cmd,customer-query,resource-cmd,resource-query");

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn tokens_secrets_and_waiting_messages_live_on_after_a_copy() {
    let (folder, database) = (Folder::new(), Database::new().await.expect("run this by ./scripts/postgres"));
    let (from, to) = (format!("sqlite://{}", folder.file("data/rollcall.db").display()), database.url());
    let program = folder.serve(&[]);
    let token = program.sign_up("Ann").await;
    let own = program.send("GET", "/v1/customer", &token, &Value::Null, 200).await;
    let channels =
        format!("/v1/customer/{}/notification-channel", own["customer_id"].as_str().expect("an id"));
    let running = refusal(&mut folder.command(&["copy", "--from", &from, "--to", &to]));
    assert!(running.contains("in use"), "{running}");
    assert_eq!(program.terminate().code(), Some(0));
    let program = folder.serve(&[WITHOUT_WORKER]);
    program.send("POST", "/v1/team", &token, &json!({"name": "Platform"}), 201).await;
    let channel = json!({"type": "email", "value": "ann@example.org"});
    program.send("POST", &channels, &token, &channel, 201).await;
    let before = program.send("GET", &format!("{channels}s"), &token, &Value::Null, 200).await;
    assert_eq!(program.terminate().code(), Some(0));

    let told = said(&folder.run(&["copy", "--from", &from, "--to", &to]));
    assert!(told.contains("compared one by one") && told.contains("notification_channel"), "{told}");
    let again = refusal(&mut folder.command(&["copy", "--from", &from, "--to", &to]));
    assert!(again.contains("not empty"), "{again}");
    let audit = folder.command(&["audit", "verify"]).env("ROLLCALL_DATABASE_URL", &to).output();
    assert!(said(&audit.expect("the program runs")).contains("holds"));

    let moved = folder.serve(&[("ROLLCALL_DATABASE_URL", &to)]);
    let teams = moved.send("GET", "/v1/teams", &token, &Value::Null, 200).await;
    assert_eq!(teams["data"][0]["name"], "Platform");
    let after = moved.send("GET", &format!("{channels}s"), &token, &Value::Null, 200).await;
    for part in ["value", "status", "priority", "created_at"] {
        assert_eq!(after["data"][0][part], before["data"][0][part], "{part}");
    }
    // The message that waited is sent now, and the code that it carries is good.
    let proof = json!({"priority": 1, "code": moved.code("ann@example.org").await});
    let verified = moved.send("PATCH", &format!("{channels}/verification"), &token, &proof, 200).await;
    assert_eq!(verified["notification_channel"]["verified"], true);
    moved.sign_in("ann@example.com").await;
    assert_eq!(moved.terminate().code(), Some(0));
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_copy_that_fails_leaves_nothing_behind() {
    let (folder, database) = (Folder::new(), Database::new().await.expect("run this by ./scripts/postgres"));
    let (from, to) = (format!("sqlite://{}", folder.file("data/rollcall.db").display()), database.url());
    let program = folder.serve(&[]);
    program.sign_up("Ann").await;
    assert_eq!(program.terminate().code(), Some(0));
    {
        let file = rusqlite::Connection::open(folder.file("data/rollcall.db")).expect("the file");
        // What PostgreSQL cannot hold, in a table that comes after others.
        file.execute("update session set user_agent = char(0)", ()).expect("a session");
    }
    let failed = folder.run(&["copy", "--from", &from, "--to", &to]);
    assert_eq!(failed.status.code(), Some(1));
    let said = String::from_utf8_lossy(&failed.stderr);
    let line = said.lines().last().unwrap_or_default();
    assert!(line.contains("the table session could not be copied, and nothing was"), "{said}");
    let client = database.client().await;
    for table in ["organization", "identity", "customer", "session", "audit_event"] {
        let rows = client.query(&format!("select from {table}"), &[]).await.expect("the table is there");
        assert!(rows.is_empty(), "{table}");
    }
}
