//! `kill -9` under writers, again and again on one database.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::Connection;
use serde_json::json;

use crate::program::{Folder, Program};

const KILLS: u64 = 25;
const WRITERS: u64 = 8;

/// What the writers asked for and what they were told.
#[derive(Default)]
struct Ledger {
    asked: HashSet<String>,
    acknowledged: HashSet<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_team_is_lost_and_none_is_half_made_over_25_kills() {
    let folder = Folder::new();
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let mut program = Program::start(&folder).await;
    let token = program.token(&http).await;
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    for kill in 0..KILLS {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (http, url, token) = (http.clone(), program.url.clone(), token.clone());
                tokio::spawn(write_until_it_dies(
                    http,
                    url,
                    token,
                    format!("{kill}-{writer}"),
                    Arc::clone(&ledger),
                ))
            })
            .collect();
        // Spread over the phases of a commit without randomness that could not be repeated.
        tokio::time::sleep(Duration::from_millis(40 + kill * 37 % 211)).await;
        program.kill().await;
        for writer in writers {
            writer.await.expect("a writer ends with the server");
        }
        check(&folder, &ledger.lock().expect("the ledger"));
        program = Program::start(&folder).await;
    }
    let acknowledged = ledger.lock().expect("the ledger").acknowledged.len();
    println!("{KILLS} kills under {WRITERS} writers: {acknowledged} acknowledged, 0 lost, 0 half-made");
    assert!(acknowledged > 100, "the writers wrote only {acknowledged}");
}

async fn write_until_it_dies(
    http: reqwest::Client,
    url: String,
    token: String,
    name: String,
    ledger: Arc<Mutex<Ledger>>,
) {
    for number in 0.. {
        let name = format!("{name}-{number}");
        ledger.lock().expect("the ledger").asked.insert(name.clone());
        let request = http.post(format!("{url}/v1/team")).bearer_auth(&token).json(&json!({"name": name}));
        match request.send().await {
            Ok(response) if response.status().as_u16() == 201 => {
                ledger.lock().expect("the ledger").acknowledged.insert(name);
            }
            Ok(response) => panic!("{name}: {}", response.status()),
            Err(_) => return,
        }
    }
}

/// Looks at the file as the kill left it.
fn check(folder: &Folder, ledger: &Ledger) {
    let connection = Connection::open(folder.database()).expect("the database opens");
    let names: Vec<String> = rows(&connection, "select name from team");
    let distinct: BTreeSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), names.len(), "a team is there twice");
    for name in &ledger.acknowledged {
        assert!(distinct.contains(name), "{name} was acknowledged and is lost");
    }
    for name in &names {
        assert!(ledger.asked.contains(name), "{name} was never asked for");
    }
    let half_made = "select name from team
        where not exists (select 1 from membership where membership.team_id = team.team_id)
           or not exists (select 1 from directory where directory.id = team.team_id)";
    assert_eq!(rows(&connection, half_made), Vec::<String>::new());
    let audited: i64 = connection
        .query_row("select count(*) from audit_event where action = 'team.created'", (), |row| row.get(0))
        .expect("a count");
    assert_eq!(usize::try_from(audited).expect("a count"), names.len(), "each team has its event");
    assert_eq!(rows(&connection, "pragma integrity_check"), ["ok"]);
    assert_eq!(rows(&connection, "select \"table\" from pragma_foreign_key_check"), Vec::<String>::new());
}

fn rows(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).expect("a statement");
    let rows = statement.query_map((), |row| row.get(0)).expect("rows");
    rows.collect::<Result<_, _>>().expect("texts")
}
