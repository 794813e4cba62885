//! What a client asked for and what it was told: a file of lines, each on the disk before the client goes on.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// A command before it is sent: everything that is needed to send it again, and what it is to do.
///
/// An effect is a set of facts (see [`super::facts`]) that come about and a set of facts that end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intent {
    /// The `Idempotency-Key` and the `X-Request-Id`.
    pub(crate) key: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Value,
    pub(crate) appear: Vec<String>,
    pub(crate) vanish: Vec<String>,
}

/// An intent with the answer that came, if one came.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) intent: Intent,
    pub(crate) answer: Option<String>,
}

/// The file.
#[derive(Clone)]
pub(crate) struct Ledger {
    path: PathBuf,
    file: Arc<Mutex<File>>,
}

impl Ledger {
    pub(crate) fn at(path: &Path) -> Self {
        let file = OpenOptions::new().create(true).append(true).open(path).expect("a ledger");
        Self { path: path.to_owned(), file: Arc::new(Mutex::new(file)) }
    }

    /// To be called before the command is sent.
    pub(crate) async fn intend(&self, intent: &Intent) {
        self.line(json!({
            "intent": intent.key, "method": intent.method, "path": intent.path, "body": intent.body,
            "appear": intent.appear, "vanish": intent.vanish,
        }))
        .await;
    }

    /// To be called once a 2xx has come, with its body.
    pub(crate) async fn acknowledge(&self, key: &str, answer: &str) {
        self.line(json!({"acknowledged": key, "answer": answer})).await;
    }

    async fn line(&self, line: Value) {
        let file = Arc::clone(&self.file);
        let write = move || {
            let mut file = file.lock().expect("the ledger");
            file.write_all(format!("{line}\n").as_bytes()).expect("a line");
            file.sync_data().expect("synced");
        };
        tokio::task::spawn_blocking(write).await.expect("a line");
    }

    /// What the file says, in the order of the intents.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let text = std::fs::read_to_string(&self.path).expect("the ledger");
        let mut entries: Vec<Entry> = Vec::new();
        let mut places = BTreeMap::new();
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).expect("a whole line");
            if let Some(key) = line["acknowledged"].as_str() {
                let place: usize = places[key];
                entries[place].answer = line["answer"].as_str().map(str::to_owned);
                continue;
            }
            let intent = read(&line);
            places.insert(intent.key.clone(), entries.len());
            entries.push(Entry { intent, answer: None });
        }
        entries
    }
}

fn read(line: &Value) -> Intent {
    let text = |field: &str| line[field].as_str().expect("a text").to_owned();
    let texts = |field: &str| {
        let list = line[field].as_array().expect("a list");
        list.iter().map(|fact| fact.as_str().expect("a text").to_owned()).collect()
    };
    Intent {
        key: text("intent"),
        method: text("method"),
        path: text("path"),
        body: line["body"].clone(),
        appear: texts("appear"),
        vanish: texts("vanish"),
    }
}
