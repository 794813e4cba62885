//! Which files are taken: our own, of this version or an older one, by one process; all others are left as they are.

use std::os::unix::fs::PermissionsExt;

use rollcall::db::{Error, OpenError, Place, inspect};

use super::{Folder, Store, open};

#[tokio::test]
async fn what_was_committed_is_there_after_the_next_start() {
    let store = Store::new().await;
    store.keep(1).await.expect("kept");
    store.db.close().await.expect("closed");
    let Store { db, folder } = store;
    drop(db);
    let again = Store { db: open(&folder.database()).await.expect("opened"), folder };
    assert!(again.kept(1).await);
}

#[tokio::test]
async fn only_its_owner_can_read_the_file() {
    let store = Store::new().await;
    store.keep(1).await.expect("kept");
    for name in ["rollcall.db", "rollcall.db-wal"] {
        let mode = std::fs::metadata(store.folder.0.join(name)).expect(name).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_second_opening_is_refused_while_the_first_lasts() {
    let store = Store::new().await;
    assert!(matches!(open(&store.folder.database()).await, Err(OpenError::InUse(_))));
    store.db.close().await.expect("closed");
    open(&store.folder.database()).await.expect("free again");
}

#[tokio::test]
async fn after_the_close_nothing_is_answered_and_nothing_hangs() {
    let store = Store::new().await;
    store.db.close().await.expect("closed");
    assert_eq!(store.keep(1).await, Err(Error::Unavailable));
    let read = store.db.read(|reader| reader.fetch_one::<(i64,)>("select 1", ())).await;
    assert_eq!(read, Err(Error::Unavailable));
}

#[tokio::test]
async fn a_file_whose_making_a_power_cut_ended_is_made_anew() {
    let (folder, made) = (Folder::new(), Folder::new());
    let making = rusqlite::Connection::open(made.database()).expect("a file");
    // So little fits into memory that the file is written to, behind a synced journal, before the commit.
    making
        .execute_batch(
            "pragma synchronous = full; pragma cache_size = 1; begin; create table half (done text);
             with recursive many (n) as (select 1 union all select n + 1 from many where n < 1000)
             insert into half select printf('%0999d', n) from many",
        )
        .expect("half done");
    for file in ["rollcall.db", "rollcall.db-journal"] {
        let left = std::fs::copy(made.0.join(file), folder.0.join(file)).expect(file);
        assert!(left > 0, "{file}");
    }
    assert_eq!(inspect::schema(&Place::Sqlite(folder.database())).expect("looked at"), 0);
    let store = Store { db: open(&folder.database()).await.expect("opened"), folder };
    store.keep(1).await.expect("kept");
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_not_a_byte_is_written() {
    let (connection, folder) = Store::new().await.by_hand().await;
    let later =
        "insert into schema_migration (version, name, checksum, applied_at) values (999, 'later', '', 0)";
    connection.execute(later, ()).expect("a row");
    connection.close().expect("closed");
    let before = std::fs::read(folder.database()).expect("the file");
    let refused = open(&folder.database()).await;
    assert!(matches!(refused, Err(OpenError::SchemaNewer { found: 999, .. })));
    assert_eq!(std::fs::read(folder.database()).expect("the file"), before);
}

#[tokio::test]
async fn a_migration_that_was_changed_after_it_ran_is_refused() {
    let (connection, folder) = Store::new().await.by_hand().await;
    connection
        .execute("update schema_migration set checksum = 'other' where version = 1", ())
        .expect("a row");
    connection.close().expect("closed");
    assert!(matches!(open(&folder.database()).await, Err(OpenError::SchemaDiffers(1))));
}

#[tokio::test]
async fn a_database_of_somebody_else_is_refused_and_left_as_it_is() {
    let folder = Folder::new();
    let connection = rusqlite::Connection::open(folder.database()).expect("a file");
    connection
        .execute_batch("create table guest (name text); insert into guest values ('Ann')")
        .expect("a table");
    connection.close().expect("closed");
    let before = std::fs::read(folder.database()).expect("the file");
    assert!(matches!(open(&folder.database()).await, Err(OpenError::Foreign(_))));
    assert_eq!(std::fs::read(folder.database()).expect("the file"), before);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let folder = Folder::new();
    let text = "These are the notes of a meeting, and not a database.\n".repeat(50);
    std::fs::write(folder.database(), &text).expect("a file");
    assert!(matches!(open(&folder.database()).await, Err(OpenError::Foreign(_))));
    assert_eq!(std::fs::read_to_string(folder.database()).expect("the file"), text);
}

#[tokio::test]
async fn commits_wait_for_the_disk() {
    let (connection, _folder) = Store::new().await.by_hand().await;
    let mode: String = connection.query_row("pragma journal_mode", (), |row| row.get(0)).expect("a mode");
    assert_eq!(mode, "wal");
    let store = Store::new().await;
    let read =
        async |sql: &'static str| store.db.read(move |reader| reader.fetch_one::<(i64,)>(sql, ())).await;
    assert_eq!(read("pragma query_only").await, Ok((1,)));
    let written = store.db.write(|tx| {
        assert_eq!(tx.fetch_one::<(i64,)>("pragma synchronous", ())?, (2,), "FULL");
        assert_eq!(tx.fetch_one::<(i64,)>("pragma foreign_keys", ())?, (1,));
        super::done(tx)
    });
    assert_eq!(written.await, Ok(()));
}

#[tokio::test]
async fn a_query_cannot_write() {
    let store = Store::new().await;
    let sql = "delete from mailbox_message returning 1";
    let read: Result<Vec<(i64,)>, Error> = store.db.read(move |reader| reader.fetch_all(sql, ())).await;
    assert!(read.is_err());
}
