//! The services of one installation in processes of their own: what one is told, the others know.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::database::Database;
use super::process::{Folder, Program};

/// A process for each part, on one database.
struct Parts {
    auth: Program,
    commands: Program,
    queries: Program,
    _worker: Program,
    mailbox: Program,
}

impl Parts {
    fn start(folder: &Folder, database: &Database) -> Self {
        let url = database.url();
        let serve = |services: &str| {
            let settings = [
                ("ROLLCALL_DATABASE_URL", url.as_str()),
                ("ROLLCALL_SERVICES", services),
                ("ROLLCALL_RATE_LIMITS", "off"),
            ];
            tokio::task::block_in_place(|| folder.serve(&settings))
        };
        Self {
            auth: serve("auth"),
            commands: serve("customer-cmd,resource-cmd"),
            queries: serve("customer-query,resource-query"),
            _worker: serve("worker"),
            mailbox: serve("console"),
        }
    }

    async fn sign_up(&self) -> String {
        let account = json!({"name": "Ann", "surname": "Tester", "email": "ann@example.com", "password": super::process::PASSWORD});
        self.auth.send("POST", "/v1/account", "", &account, 201).await;
        let code = self.mailbox.code("ann@example.com").await;
        let proof = json!({"email": "ann@example.com", "confirmation_code": code});
        self.auth.send("PATCH", "/v1/account", "", &proof, 200).await;
        self.auth.sign_in("ann@example.com").await
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn services_in_processes_of_their_own_are_one_installation() {
    let (folder, database) = (Folder::new(), Database::new().await.expect("run this by ./scripts/postgres"));
    let parts = Parts::start(&folder, &database);
    let token = parts.sign_up().await;
    parts.queries.send("POST", "/v1/team", &token, &json!({"name": "Platform"}), 404).await;
    parts.commands.send("GET", "/v1/teams", &token, &Value::Null, 404).await;
    parts.commands.send("POST", "/v1/team", &token, &json!({"name": "Platform"}), 201).await;
    let teams = parts.queries.send("GET", "/v1/teams", &token, &Value::Null, 200).await;
    assert_eq!(teams["data"][0]["name"], "Platform");

    // A test waits for a worker that runs elsewhere, and hears of its outcome well before its patience ends.
    let own = parts.queries.send("GET", "/v1/customer", &token, &Value::Null, 200).await;
    let path = format!("/v1/customer/{}/notification-channel", own["customer_id"].as_str().expect("an id"));
    let channel = json!({"type": "email", "value": "ann@example.org"});
    parts.commands.send("POST", &path, &token, &channel, 201).await;
    let proof = json!({"priority": 1, "code": parts.mailbox.code("ann@example.org").await});
    parts.commands.send("PATCH", &format!("{path}/verification"), &token, &proof, 200).await;
    let begun = Instant::now();
    let tested =
        parts.commands.send("POST", &format!("{path}/test"), &token, &json!({"priority": 1}), 200).await;
    let took = begun.elapsed();
    assert_eq!(tested["delivery"]["status"], "delivered", "{tested}");
    assert!(took < Duration::from_secs(3), "{took:?}");
    println!("a test message by another process's worker was answered after {took:?}");

    // Signing out in one process is signing out in all.
    parts.auth.send("DELETE", "/v1/auth", &token, &Value::Null, 200).await;
    parts.queries.send("GET", "/v1/teams", &token, &Value::Null, 401).await;
    parts.commands.send("POST", "/v1/team", &token, &json!({"name": "Other"}), 401).await;
}
