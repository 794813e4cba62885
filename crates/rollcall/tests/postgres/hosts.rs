//! Several hosts in one URL, of which the one that takes writes is used, and several standbys that answer queries.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::load::Load;
use super::process::Folder;
use super::server::Server;

/// A URL of several hosts.
fn url(servers: &[&Server]) -> String {
    let hosts: Vec<_> = servers.iter().map(|server| format!("127.0.0.1:{}", server.port())).collect();
    let hosts = hosts.join(",");
    format!("postgres://rollcall@{hosts}/postgres?sslmode=disable&target_session_attrs=read-write")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn of_several_hosts_the_one_that_takes_writes_is_used_before_and_after_a_failover() {
    let primary = Server::new("");
    let (standby, dead) = (primary.standby(), primary.standby());
    // What is acknowledged is on both, so that none of it is lost with the primary.
    let client = primary.client().await;
    client.batch_execute("alter system set synchronous_standby_names = '*'").await.expect("set");
    client.batch_execute("select pg_reload_conf()").await.expect("read");
    drop(client);
    dead.stop();
    let load = Load::new(&url(&[&dead, &standby, &primary])).await;
    let running = load.run("team");
    tokio::time::sleep(Duration::from_secs(2)).await;
    primary.kill();
    tokio::time::sleep(Duration::from_secs(1)).await;
    standby.promote();
    let back = Instant::now();
    tokio::time::sleep(Duration::from_secs(6)).await;
    let ledger = running.end().await;
    assert!(ledger.refused() > 0, "nobody noticed");
    let line = ledger.settle(&load, &standby.client().await, back).await;
    println!("primary killed, standby promoted after 1 s, Rollcall not restarted: {line}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL"]
async fn several_standbys_share_the_queries_and_one_that_dies_costs_none() {
    let primary = Server::new("");
    let (one, two) = (primary.standby(), primary.standby());
    let replica = |servers: &[&Server]| {
        let url = url(servers).replace("&target_session_attrs=read-write", "");
        format!("{url}&application_name=replica")
    };
    // A URL of several hosts stands for the first of them that takes no writes.
    let replicas = format!("{},{}", replica(&[&primary, &one]), replica(&[&two]));
    let folder = Folder::new();
    let serve = || {
        let primary = primary.url();
        folder.serve(&[
            ("ROLLCALL_DATABASE_URL", primary.as_str()),
            ("ROLLCALL_DATABASE_REPLICAS", &replicas),
            ("ROLLCALL_RATE_LIMITS", "off"),
            ("ROLLCALL_METRICS_LISTEN", "127.0.0.1:0"),
        ])
    };
    let program = tokio::task::block_in_place(serve);
    let token = program.sign_up("Ann").await;
    let pairs = async |stage: &str| {
        for pair in 0..50 {
            let name = format!("{stage} {pair}");
            program.send("POST", "/v1/team", &token, &json!({"name": name}), 201).await;
            let teams = program.send("GET", "/v1/teams?limit=200", &token, &Value::Null, 200).await;
            let found =
                teams["data"].as_array().expect("a list").iter().any(|team| team["name"] == name.as_str());
            assert!(found, "{name} is not there");
        }
        program.standby_reads("served").await
    };
    let both = pairs("both").await;
    for server in [&one, &two] {
        let count = "select count(*) from pg_stat_activity where application_name = 'replica'";
        let connections: i64 = server.client().await.query_one(count, &[]).await.expect("a count").get(0);
        assert!(connections > 0, "both are asked");
    }
    two.kill();
    let alone = pairs("alone").await - both;
    println!(
        "100 pairs: {both} of 50 queries by two standbys, {alone} of 50 after one was killed; none lacked its write"
    );
    assert!(both > 25 && alone > 25, "{both} {alone}");
    one.stop();
    let none = pairs("none").await;
    assert_eq!(none, both + alone);
}
