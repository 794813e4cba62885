//! The storage by itself: what group commit promises, which files it takes, which rules the schema keeps, what the audit chain finds.

mod audit;
mod backups;
mod files;
mod grouping;
mod rules;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;
use rollcall::db::{Committed, Db, Error, OpenError, Settings, Tx};
use rollcall::domain::event::{By, Event};
use rollcall::entropy::SystemEntropy;

/// A database in a folder that goes with it.
struct Store {
    db: Db,
    folder: Folder,
}

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("rollcall-storage-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn database(&self) -> PathBuf {
        self.0.join("rollcall.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{} stays: {error}", self.0.display());
        }
    }
}

impl Store {
    async fn new() -> Self {
        let folder = Folder::new();
        Self { db: open(&folder.database()).await.expect("a new database"), folder }
    }

    /// Closes the database and opens its file with nothing of ours in between.
    async fn by_hand(self) -> (rusqlite::Connection, Folder) {
        self.db.close().await.expect("closed");
        drop(self.db);
        (rusqlite::Connection::open(self.folder.database()).expect("the file"), self.folder)
    }

    /// Keeps a message under a number, in a command of its own.
    async fn keep(&self, number: u32) -> Result<(), Error> {
        self.db.write(move |tx| insert(&tx, number).and_then(|()| done(tx))).await
    }

    async fn kept(&self, number: u32) -> bool {
        let found = self.db.read(move |reader| {
            reader.fetch_optional::<(i64,)>(
                "select 1 from mailbox_message where subject = $1",
                (number.to_string(),),
            )
        });
        found.await.expect("an answer").is_some()
    }
}

async fn open(path: &Path) -> Result<Db, OpenError> {
    Db::open(Settings::sqlite(path.to_owned(), Arc::new(SystemEntropy)), now()).await
}

fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect("a time")
}

/// Any table will do; this one has no rules but its key.
fn insert(tx: &Tx<'_>, number: u32) -> Result<(), Error> {
    let mut id = [0; 32];
    id[..4].copy_from_slice(&number.to_be_bytes());
    tx.execute(
        "insert into mailbox_message (message_id, transport, recipient, subject, body, created_at)
         values ($1, 'email', 'ann@example.com', $2, '', $3)",
        (id, number.to_string(), now()),
    )?;
    Ok(())
}

fn done(tx: Tx<'_>) -> Result<Committed<()>, Error> {
    tx.commit(&By::service("test"), now(), Event::upkeep(), ())
}
