//! With many customers no request reads a whole table, and with many messages that wait no look at what is due does: what one costs
//! does not grow with the others.

use rollcall::db::Grouping;
use serde_json::{Value, json};
use tokio_postgres::Client;

use super::data;
use super::database::Database;
use super::process::Folder;

const CUSTOMERS: u32 = 20_000;
/// The engine reads what is smaller than this from one end to the other, and is right.
const FEW: i64 = 1_000;
/// As many messages as there are customers, each due in a day or later. Times are microseconds.
const BACKLOG: &str = "insert into outbox
       (delivery_id, organization_id, transport, room, lane, host, message_sealed, due_at, expires_at, created_at)
     select gen_random_uuid(), organization_id, 'webhook', 'web', gen_random_uuid(), 'receiver.example.com', 'sealed',
            now.now + (86400 + number) * 1000000, now.now + 3 * 86400 * cast(1000000 as bigint), now.now
     from (select organization_id from organization limit 1) one,
          (select cast(extract(epoch from now()) * 1000000 as bigint)) now (now),
          generate_series(1, $1::bigint) number";

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn no_request_reads_a_whole_table_of_customers_and_no_delivery_one_of_messages() {
    let (folder, database) = (Folder::new(), Database::new().await.expect("run this by ./scripts/postgres"));
    let (url, client) = (database.url(), database.client().await);
    let setting = ("ROLLCALL_DATABASE_URL", url.as_str());
    let running = data::start(&folder.file("data"), &[setting], Grouping::Shared).await;
    data::fill(&running.app.db, CUSTOMERS, "").await;
    running.stop(tokio::time::Instant::now()).await;
    client.execute(BACKLOG, &[&i64::from(CUSTOMERS)]).await.expect("messages that wait");
    client.batch_execute("analyze").await.expect("analyzed");

    // What the program asks beside requests may look at everything. So does the check itself: it must see a scan.
    client.query("select count(*) from customer where password_hash = 'x'", &[]).await.expect("counted");
    client.query("select pg_stat_force_next_flush()", &[]).await.expect("asked");
    assert!(scans(&client, database.schema()).await.iter().any(|(table, _)| table == "customer"));

    let program = folder.serve(&[setting]);
    let before = scans(&client, database.schema()).await;
    for customer in (0..CUSTOMERS).step_by(4_000) {
        let token = data::token(customer);
        let (token, team) = (token.as_str(), format!("/v1/team/{}", data::team(customer)));
        let own = format!("/v1/customer/{}", data::customer(customer));
        for path in [
            "/v1/customer".to_owned(),
            "/v1/customer/sessions".to_owned(),
            "/v1/customer/export".to_owned(),
            "/v1/teams".to_owned(),
            "/v1/org/usage".to_owned(),
            "/v1/org/audit-log".to_owned(),
            format!("{own}/notification-channels"),
            format!("{own}/notification-channel/deliveries"),
            format!("{team}/members"),
            format!("{team}/invitations"),
            format!("{team}/services"),
            format!("{team}/reachability"),
            format!("{team}/notification-channels"),
        ] {
            program.send("GET", &path, token, &Value::Null, 200).await;
        }
        let invited = json!({"channel_value": format!("guest-{customer}@example.com"), "channel_type": "email", "role": "user"});
        program.send("POST", &format!("{team}/invitation"), token, &invited, 201).await;
        let channel = json!({"type": "email", "value": format!("oncall-{customer}@example.com")});
        program.send("POST", &format!("{own}/notification-channel"), token, &channel, 201).await;
    }
    // Connections tell of their scans when they end, at the latest.
    assert_eq!(program.terminate().code(), Some(0));
    let found: Vec<_> =
        scans(&client, database.schema()).await.into_iter().filter(|scan| !before.contains(scan)).collect();
    assert!(found.is_empty(), "read as a whole, with how often so far: {found:?}");
}

/// How often each large table was read from one end to the other, where it ever was.
async fn scans(client: &Client, schema: &str) -> Vec<(String, i64)> {
    let statement =
        "select pg_stat_user_tables.relname::text, seq_scan from pg_stat_user_tables join pg_class on pg_class.oid = relid
                     where schemaname = $1 and reltuples > $2::bigint and seq_scan > 0 order by 1";
    let rows = client.query(statement, &[&schema, &FEW]).await.expect("counted");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}
