//! Writers that note what they ask for and what they are told, and a look at what is there in the end.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// When an answer must be there, whatever it says.
const SOON: Duration = Duration::from_secs(10);

/// What was asked for, and what came of it.
#[derive(Default)]
pub(crate) struct Ledger {
    asked: Mutex<HashSet<String>>,
    acknowledged: Mutex<HashSet<String>>,
    refused: AtomicUsize,
    /// Requests without an answer: the process was gone, or cut somebody off.
    unanswered: AtomicUsize,
    /// Answers that nobody should get.
    wrong: Mutex<Vec<String>>,
}

/// Who writes, and where.
#[derive(Clone)]
pub(crate) struct Writer {
    pub(crate) http: reqwest::Client,
    pub(crate) url: String,
    pub(crate) token: String,
}

/// Writers at work.
pub(crate) struct Writers {
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Ledger {
    /// Starts writers that go on until they are told to stop, each waiting so long between two requests.
    pub(crate) fn writers(
        self: &Arc<Self>,
        count: usize,
        writer: &Writer,
        name: &str,
        pause: Duration,
    ) -> Writers {
        let stop = Arc::new(AtomicBool::new(false));
        let tasks = (0..count).map(|number| {
            let (ledger, writer, stop) = (Arc::clone(self), writer.clone(), Arc::clone(&stop));
            let name = format!("{name}-{number}");
            tokio::spawn(async move {
                for round in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    ledger.create(&writer, &format!("{name}-{round}")).await;
                    tokio::time::sleep(pause).await;
                }
            })
        });
        Writers { tasks: tasks.collect(), stop }
    }

    /// Makes a team, and notes what came of it; says whether it was acknowledged.
    pub(crate) async fn create(&self, writer: &Writer, name: &str) -> bool {
        locked(&self.asked).insert(name.to_owned());
        let asked = Instant::now();
        let request = writer.http.post(format!("{}/v1/team", writer.url)).bearer_auth(&writer.token);
        let Ok(answer) = request.json(&json!({"name": name})).send().await else {
            self.unanswered.fetch_add(1, Ordering::Relaxed);
            // The process is gone. It may be about to come back.
            tokio::time::sleep(Duration::from_millis(20)).await;
            return false;
        };
        let (status, retry) = (answer.status().as_u16(), answer.headers().contains_key("retry-after"));
        let body: Value = answer.json().await.unwrap_or_default();
        match status {
            201 => {
                locked(&self.acknowledged).insert(name.to_owned());
            }
            503 if retry && body["code"] == "unavailable" => {
                self.refused.fetch_add(1, Ordering::Relaxed);
            }
            _ => locked(&self.wrong).push(format!("{name}: {status} {body}")),
        }
        if asked.elapsed() > SOON {
            locked(&self.wrong).push(format!("{name}: {status} after {:?}", asked.elapsed()));
        }
        status == 201
    }

    /// Answers that nobody should get.
    pub(crate) fn wrong(&self) -> Vec<String> {
        locked(&self.wrong).clone()
    }

    pub(crate) fn acknowledged(&self) -> usize {
        locked(&self.acknowledged).len()
    }

    pub(crate) fn refused(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }

    /// The same as [`Ledger::check`] of a process that never went: everybody was answered, too.
    pub(crate) fn check_whole(&self, database: &Path) {
        assert_eq!(self.unanswered.load(Ordering::Relaxed), 0, "requests without an answer");
        self.check(database);
    }

    /// Looks at the file of a process that has ended: all that was acknowledged is there once, nothing that nobody asked for, nothing
    /// half made, and the file is sound.
    pub(crate) fn check(&self, database: &Path) {
        let wrong = locked(&self.wrong);
        assert!(wrong.is_empty(), "{} wrong answers, such as {:?}", wrong.len(), wrong.first());
        let connection = Connection::open(database).expect("the database opens");
        assert_eq!(texts(&connection, "pragma integrity_check"), ["ok"]);
        assert_eq!(
            texts(&connection, "select \"table\" from pragma_foreign_key_check"),
            Vec::<String>::new()
        );
        let names = texts(&connection, "select name from team");
        let distinct: BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len(), "a team is there twice");
        let acknowledged = locked(&self.acknowledged);
        let lost: Vec<_> = acknowledged.iter().filter(|name| !distinct.contains(name)).collect();
        assert!(lost.is_empty(), "{} of {} acknowledged are lost: {lost:?}", lost.len(), acknowledged.len());
        let asked = locked(&self.asked);
        let unasked: Vec<_> = names.iter().filter(|name| !asked.contains(*name)).collect();
        assert!(unasked.is_empty(), "never asked for: {unasked:?}");
        let half_made = "select name from team
            where not exists (select 1 from membership where membership.team_id = team.team_id)
               or not exists (select 1 from directory where directory.id = team.team_id)";
        assert_eq!(texts(&connection, half_made), Vec::<String>::new());
        let events = texts(&connection, "select action from audit_event where action = 'team.created'");
        assert_eq!(events.len(), names.len(), "each team has its event");
    }
}

impl Writers {
    /// Ends them; each finishes the request that it has sent.
    pub(crate) async fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.expect("a writer");
        }
    }
}

pub(crate) fn texts(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).expect("a statement");
    let rows = statement.query_map((), |row| row.get(0)).expect("rows");
    rows.collect::<Result<_, _>>().expect("texts")
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("the ledger")
}
