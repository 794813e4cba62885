//! Both folders of migrations give the same tables, so that one text of a statement means the same on both engines.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use rollcall::db::{Db, Place, Settings};
use rollcall::entropy::SystemEntropy;

use super::catalogue;
use super::database::Database;
use super::process::Folder;

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn both_engines_have_the_same_tables_columns_keys_indexes_and_references() {
    let database = Database::new().await.expect("run this by ./scripts/postgres");
    open(database.url().parse().expect("a place")).await;
    let client = database.client().await;
    let postgres = catalogue::of_postgres(&client, database.schema()).await.expect("a catalogue");

    let folder = Folder::new();
    let file = folder.file("rollcall.db");
    open(Place::Sqlite(file.clone())).await;
    let sqlite =
        catalogue::of_sqlite(&rusqlite::Connection::open(&file).expect("a file")).expect("a catalogue");

    assert!(sqlite.len() > 20, "{} tables", sqlite.len());
    let names = |tables: &catalogue::Catalogue| tables.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&postgres), names(&sqlite));
    for (name, table) in &sqlite {
        assert_eq!(&postgres[name], table, "{name}");
    }
}

/// Makes our tables.
async fn open(place: Place) {
    let settings = Settings::at(place, Arc::new(SystemEntropy));
    let db = Db::open(settings, Timestamp::UNIX_EPOCH).await.expect("the database opens");
    db.close().await.expect("closed");
}

/// Checks by their text: an engine keeps them in words of its own.
#[test]
fn both_folders_have_the_same_migrations_with_the_same_checks() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let names = |engine: &str| {
        let files = std::fs::read_dir(folder.join(engine)).expect("a folder");
        let mut names: Vec<_> = files.map(|file| file.expect("a file").file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("postgres"), names("sqlite"));
    for name in names("sqlite") {
        let checks =
            |engine: &str| checks(&std::fs::read_to_string(folder.join(engine).join(&name)).expect("text"));
        let (sqlite, postgres) = (checks("sqlite"), checks("postgres"));
        assert!(sqlite.len() > 10, "{} checks", sqlite.len());
        assert_eq!(postgres, sqlite, "{}", name.display());
    }
}

/// What SQLite says of truth values alone is left out, or said in PostgreSQL's words.
fn checks(text: &str) -> Vec<String> {
    let checks = text.split("check (").skip(1).map(|rest| {
        let mut depth = 1;
        let end = rest.find(|c| {
            depth += match c {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            depth == 0
        });
        rest[..end.expect("a check ends")].replace("enabled = 0", "not enabled")
    });
    checks.filter(|check| !check.ends_with(" in (0, 1)")).collect()
}
