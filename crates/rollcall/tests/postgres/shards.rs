//! The schema stays ready to be distributed by organization (Citus): every table is held to the rules that a distributed table has,
//! and nothing relies on a reference that a distributed table cannot have.

use std::sync::Arc;

use jiff::Timestamp;
use rollcall::db::{Db, Settings};
use rollcall::entropy::SystemEntropy;
use serde_json::{Value, json};

use super::catalogue;
use super::database::Database;
use super::process::{Folder, PASSWORD};

/// Tables that are asked before the tenant is known, or that belong to none. A new one must be named here, for a reason.
const GLOBAL: &[&str] = &[
    "identity",          // whose address it is; a reference table, since members name guests by it
    "sign_up",           // there is no tenant yet
    "token",             // whose token it is
    "directory",         // whose team or service it is
    "invitation_token",  // whose link it is
    "allowance",         // counters of subjects of all kinds
    "code_tally",        // of the whole server, by the hour
    "outbox",            // what is due, whoever it is for
    "mailbox_message",   // of the built-in mailbox, on one machine
    "everybody_version", // what reaches everybody
    "schema_migration",
];

/// The references out of them, which go when the tables are distributed.
const LOOKUPS: &[(&str, &str)] = &[
    ("identity", "organization"),
    ("token", "session"),
    ("directory", "organization"),
    ("invitation_token", "invitation"),
];

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn every_table_is_a_tenants_with_the_tenant_first_or_a_global_look_up() {
    let database = Database::new().await.expect("run this by ./scripts/postgres");
    let settings = Settings::at(database.url().parse().expect("a place"), Arc::new(SystemEntropy));
    Db::open(settings, Timestamp::UNIX_EPOCH).await.expect("opened").close().await.expect("closed");
    let client = database.client().await;
    let tables = catalogue::of_postgres(&client, database.schema()).await.expect("a catalogue");
    assert!(GLOBAL.iter().all(|name| tables.contains_key(*name)), "a table that is named here is gone");
    let tenants = |name: &str| !GLOBAL.contains(&name);
    let mut lookups = Vec::new();
    for (name, table) in &tables {
        if tenants(name) {
            for (rule, keys) in &table.rules {
                assert_eq!(
                    keys.columns[0], "organization_id",
                    "{rule}: a shard can hold this rule only for one tenant"
                );
            }
            assert!(table.rules.values().any(|keys| keys.primary), "{name} has no primary key");
        }
        for reference in &table.references {
            match (tenants(name), tenants(&reference.table)) {
                (true, true) => {
                    let pair = (reference.columns[0].as_str(), reference.to[0].as_str());
                    assert_eq!(pair, ("organization_id", "organization_id"), "{name} refers across tenants");
                }
                (true, false) => {
                    assert_eq!(reference.table, "identity", "{name} refers to a table that is elsewhere");
                }
                (false, _) => lookups.push((name.as_str(), reference.table.as_str())),
            }
        }
    }
    lookups.sort_unstable();
    let mut known = LOOKUPS.to_vec();
    known.sort_unstable();
    assert_eq!(lookups, known);
}

/// As in `docs/operations.md`.
async fn drop_lookups(database: &Database) {
    let client = database.client().await;
    let mut dropped = 0;
    for (table, other) in LOOKUPS {
        let name = "select conname::text from pg_constraint
                    where contype = 'f' and conrelid = $1::text::regclass and confrelid = $2::text::regclass";
        for row in client.query(name, &[table, other]).await.expect("the references") {
            let drop = format!("alter table {table} drop constraint \"{}\"", row.get::<_, String>(0));
            client.batch_execute(&drop).await.expect("dropped");
            dropped += 1;
        }
    }
    assert_eq!(dropped, LOOKUPS.len());
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn without_references_out_of_the_look_ups_nothing_is_left_behind_that_opens_a_door() {
    let (folder, database) = (Folder::new(), Database::new().await.expect("run this by ./scripts/postgres"));
    let url = database.url();
    let program = folder.serve(&[("ROLLCALL_DATABASE_URL", &url), ("ROLLCALL_RATE_LIMITS", "off")]);
    drop_lookups(&database).await;
    let ann = program.sign_up("Ann").await;
    let team = program.send("POST", "/v1/team", &ann, &json!({"name": "Platform"}), 201).await;
    let team = format!("/v1/team/{}", team["team"]["team_id"].as_str().expect("an id"));
    let body = json!({"channel_value": "ben@example.com", "channel_type": "email"});
    program.send("POST", &format!("{team}/invitation"), &ann, &body, 201).await;
    program.send("DELETE", &team, &ann, &Value::Null, 200).await;
    let second = program.sign_in("ann@example.com").await;
    program.send("DELETE", "/v1/auth", &second, &Value::Null, 200).await;
    program.send("GET", "/v1/teams", &second, &Value::Null, 401).await;
    let third = program.sign_in("ann@example.com").await;
    let change = json!({"current_password": PASSWORD, "password": "amber-lighthouse-43"});
    program.send("PUT", "/v1/account/password", &ann, &change, 200).await;
    program.send("GET", "/v1/teams", &third, &Value::Null, 401).await;
    program.send("DELETE", "/v1/customer", &ann, &json!({"reason": "done"}), 200).await;
    program.send("GET", "/v1/teams", &ann, &Value::Null, 401).await;
    let client = database.client().await;
    for table in ["token", "session", "directory", "invitation_token", "identity", "organization"] {
        let rows = client.query(&format!("select from {table}"), &[]).await.expect("the table is there");
        assert!(rows.is_empty(), "{} rows of {table}", rows.len());
    }
}
