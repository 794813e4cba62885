//! Backups that are taken while commands run: each is one moment, and holds whatever was answered before it began.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use rollcall::db::backup::{BackupError, backup, restore};

use super::{Folder, Store, open};

/// The numbers that a file holds, in order.
fn numbers(path: &std::path::Path) -> Vec<u32> {
    let file = rusqlite::Connection::open(path).expect("the file");
    let mut statement =
        file.prepare("select cast(subject as integer) from mailbox_message order by 1").expect("a query");
    let rows = statement.query_map((), |row| row.get(0)).expect("rows");
    rows.map(|row| row.expect("a number")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_writes_is_one_moment_and_misses_nothing_that_was_answered() {
    let store = Arc::new(Store::new().await);
    let (answered, end) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
    let writing = tokio::spawn({
        let (store, answered, end) = (Arc::clone(&store), Arc::clone(&answered), Arc::clone(&end));
        async move {
            let mut number = 0;
            while !end.load(Ordering::SeqCst) {
                store.keep(number).await.expect("kept");
                number += 1;
                answered.store(number, Ordering::SeqCst);
            }
        }
    });
    for round in 0..10 {
        let before = answered.load(Ordering::SeqCst);
        let (database, to) = (store.folder.database(), store.folder.0.join(format!("{round}.db")));
        let copied = tokio::task::spawn_blocking({
            let to = to.clone();
            move || backup(&database, &to)
        });
        copied.await.expect("no panic").expect("a backup");
        let found = numbers(&to);
        let length = u32::try_from(found.len()).expect("a small number");
        assert!(length >= before, "{before} were answered, {length} are there");
        assert!(found.into_iter().eq(0..length), "round {round} is not one moment");
    }
    end.store(true, Ordering::SeqCst);
    writing.await.expect("the writer was not harmed");
    assert!(answered.load(Ordering::SeqCst) > 0);
    let left = std::fs::read_dir(&store.folder.0)
        .expect("the folder")
        .filter(|entry| entry.as_ref().expect("an entry").file_name().to_string_lossy().contains("partial"));
    assert_eq!(left.count(), 0);
}

#[tokio::test]
async fn the_log_of_the_former_database_does_not_leak_into_a_restored_one() {
    let (first, second) = (Store::new().await, Store::new().await);
    first.keep(1).await.expect("kept");
    let file = first.folder.0.join("backup.db");
    backup(&first.folder.database(), &file).expect("a backup");
    second.keep(2).await.expect("kept");
    let database = second.folder.database();
    assert!(matches!(restore(&file, &database, true), Err(BackupError::Open(_))), "in use");
    // What a crash leaves behind: the file with its log.
    let crashed = Folder::new();
    for end in ["", "-wal"] {
        let name = format!("rollcall.db{end}");
        std::fs::copy(second.folder.0.join(&name), crashed.0.join(&name)).expect("a copy");
    }
    let restored = restore(&file, &crashed.database(), false).expect("restored");
    let again = Store { db: open(&crashed.database()).await.expect("opened"), folder: crashed };
    assert!(again.kept(1).await && !again.kept(2).await);
    // What stood in the log was not lost: it is in the copy.
    let former = Folder::new();
    std::fs::copy(restored.former.expect("a copy"), former.database()).expect("a copy of it");
    let former = Store { db: open(&former.database()).await.expect("opened"), folder: former };
    assert!(former.kept(2).await && !former.kept(1).await);
}
