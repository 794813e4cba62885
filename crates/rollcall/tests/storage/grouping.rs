//! Group commit: one sync for all that wait, answers only after it, and nobody pays for another's failure.

use std::sync::mpsc;

use futures_util::future::join_all;
use rollcall::db::{Db, Error};

use super::{Store, done, insert};

/// Keeps the writer busy, so that what is sent meanwhile waits for the next commit together.
async fn hold(db: &Db) -> (mpsc::Sender<()>, tokio::task::JoinHandle<Result<(), Error>>) {
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (release, released) = mpsc::channel::<()>();
    let shared = std::sync::Mutex::new((Some(begun), released));
    let db = db.clone();
    let held = tokio::spawn(async move {
        db.write(move |tx| {
            let mut shared = shared.lock().expect("one at a time");
            if let Some(begun) = shared.0.take() {
                begun.send(()).expect("somebody waits");
                shared.1.recv().expect("a release");
            }
            done(tx)
        })
        .await
    });
    has_begun.await.expect("it began");
    (release, held)
}

/// Lets commands wait in the writer's queue behind one that holds it, then lets it go.
async fn together<T: Send + 'static>(
    store: &Store,
    commands: Vec<impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let (release, held) = hold(&store.db).await;
    let tasks: Vec<_> = commands.into_iter().map(tokio::spawn).collect();
    // Each command is in the queue once its task has waited for the first time.
    for _ in 0..tasks.len() * 4 {
        tokio::task::yield_now().await;
    }
    release.send(()).expect("the writer waits");
    // It shares the commit of those that came while it ran, and so their fate.
    let _ = held.await.expect("no panic");
    join_all(tasks).await.into_iter().map(|task| task.expect("no panic")).collect()
}

async fn keep(db: Db, number: u32) -> Result<(), Error> {
    db.write(move |tx| insert(&tx, number).and_then(|()| done(tx))).await
}

#[tokio::test]
async fn sixty_four_commands_at_once_share_their_commits() {
    let store = Store::new().await;
    let before = store.db.commits();
    let commands = (0..64).map(|number| keep(store.db.clone(), number)).collect();
    let answers = together(&store, commands).await;
    assert!(answers.iter().all(Result::is_ok));
    let commits = store.db.commits() - before;
    assert!(commits <= 2, "{commits} commits");
    for number in 0..64 {
        assert!(store.kept(number).await);
    }
}

#[tokio::test]
async fn one_command_after_another_has_a_commit_each() {
    let store = Store::new().await;
    let before = store.db.commits();
    for number in 0..5 {
        store.keep(number).await.expect("kept");
    }
    assert_eq!(store.db.commits() - before, 5);
}

/// Its row is refused only by the commit, as a failing disk would be.
async fn poison(db: Db) -> Result<(), Error> {
    db.write(|tx| {
        tx.execute("pragma defer_foreign_keys = on", ())?;
        tx.execute("insert into directory (id, organization_id) values ($1, $1)", ([7; 32],))?;
        done(tx)
    })
    .await
}

#[tokio::test]
async fn nobody_is_answered_before_the_commit_and_a_failed_one_fails_all_of_it() {
    let store = Store::new().await;
    let db = || store.db.clone();
    let commands: Vec<std::pin::Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>> =
        vec![Box::pin(keep(db(), 1)), Box::pin(poison(db())), Box::pin(keep(db(), 2))];
    let answers = together(&store, commands).await;
    assert!(answers.iter().all(Result::is_err), "{answers:?}");
    assert!(!store.kept(1).await && !store.kept(2).await);
    store.keep(3).await.expect("the next commit is none the worse");
    assert!(store.kept(3).await);
}

#[tokio::test]
async fn a_command_that_fails_takes_back_what_it_did_and_nothing_else() {
    let store = Store::new().await;
    let db = store.db.clone();
    let failing = async move {
        let failed = db.write(|tx| {
            insert(&tx, 2)?;
            Err::<rollcall::db::Committed<()>, _>(Error::Missing)
        });
        failed.await
    };
    let db = || store.db.clone();
    let commands: Vec<std::pin::Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>> =
        vec![Box::pin(keep(db(), 1)), Box::pin(failing), Box::pin(keep(db(), 3))];
    let answers = together(&store, commands).await;
    assert_eq!(answers, [Ok(()), Err(Error::Missing), Ok(())]);
    assert!(store.kept(1).await && !store.kept(2).await && store.kept(3).await);
}

#[tokio::test]
async fn a_panic_harms_nobody_else() {
    let store = Store::new().await;
    let db = store.db.clone();
    let panicking = async move {
        let failed = db.write(|tx| {
            insert(&tx, 2)?;
            assert!(tx.fetch_all::<(i64,)>("select 1", ())?.is_empty(), "a panic that this test wants");
            done(tx)
        });
        failed.await
    };
    let db = || store.db.clone();
    let commands: Vec<std::pin::Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>> =
        vec![Box::pin(keep(db(), 1)), Box::pin(panicking), Box::pin(keep(db(), 3))];
    let answers = together(&store, commands).await;
    assert!(answers[0].is_ok() && matches!(answers[1], Err(Error::Internal(_))) && answers[2].is_ok());
    assert!(store.kept(1).await && !store.kept(2).await && store.kept(3).await);
    let query = store.db.read(|_| -> Result<(), Error> { panic!("a panic that this test wants") }).await;
    assert!(matches!(query, Err(Error::Internal(_))));
    store.keep(4).await.expect("the writer lives");
    assert!(store.kept(4).await, "the readers live");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_read_that_follows_ones_own_write_sees_it_two_thousand_times() {
    let store = std::sync::Arc::new(Store::new().await);
    let writers = (0..20).map(|writer| {
        let store = std::sync::Arc::clone(&store);
        tokio::spawn(async move {
            for number in writer * 100..(writer + 1) * 100 {
                store.keep(number).await.expect("kept");
                assert!(store.kept(number).await, "{number} was answered and is not there");
            }
        })
    });
    for writer in join_all(writers).await {
        writer.expect("every pair holds");
    }
}

#[tokio::test]
async fn the_write_ahead_log_stays_bounded_under_writes_and_reads() {
    const ROW: usize = 64 * 1024;
    let store = Store::new().await;
    let log = store.folder.0.join("rollcall.db-wal");
    let mut largest = 0;
    for number in 0..600_u32 {
        let body = "x".repeat(ROW);
        let written = store.db.write(move |tx| {
            insert(&tx, number)?;
            tx.execute(
                "update mailbox_message set body = $1 where subject = $2",
                (&body, number.to_string()),
            )?;
            done(tx)
        });
        written.await.expect("written");
        assert!(store.kept(number).await);
        largest = largest.max(std::fs::metadata(&log).map_or(0, |log| log.len()));
    }
    assert!(largest < 16 * 1024 * 1024, "the log grew to {largest} bytes of {} written", 600 * ROW);
}
