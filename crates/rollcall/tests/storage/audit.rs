//! The audit chain: whatever is done to its rows by hand is found, and found at its place.

use rollcall::db::Place;
use rollcall::db::audit_chain::{Broken, Verified};
use rollcall::db::inspect::{AuditError, verify_audit_log};
use rollcall::domain::event::{Action, By, Event, Target};
use rollcall::domain::id::{OrganizationId, TeamId};
use uuid::Uuid;

use super::{Folder, Store, now};

const EVENTS: u32 = 5;

/// Five events of one organization.
async fn written() -> Store {
    let store = Store::new().await;
    let organization = OrganizationId::from(Uuid::from_u128(100));
    for number in 0..EVENTS {
        let commit = store.db.write(move |tx| -> Result<_, rollcall::db::Error> {
            if number == 0 {
                tx.execute(
                    "insert into organization (organization_id, name, plan, plan_version, created_at)
                     values ($1, 'Example', 'developer', 'v1', $2)",
                    (organization, now()),
                )?;
            }
            let team = TeamId::from(Uuid::from_u128(200 + u128::from(number)));
            let by = By { ip: "192.0.2.7".parse().ok(), ..By::service("test") };
            tx.commit(&by, now(), Event::new(organization, Action::TeamCreated, Target::Team(team)), ())
        });
        commit.await.expect("committed");
    }
    store
}

/// Where the chain breaks after statements by hand; none where it holds.
async fn broken_by(sql: &str) -> Option<(i64, &'static str)> {
    let (connection, folder) = written().await.by_hand().await;
    connection.execute_batch(sql).expect("by hand");
    connection.close().expect("closed");
    verdict(&folder)
}

fn verdict(folder: &Folder) -> Option<(i64, &'static str)> {
    match verify_audit_log(&Place::Sqlite(folder.database())) {
        Ok(found) => {
            assert_eq!(found, Verified { chains: 1, events: EVENTS as usize });
            None
        }
        Err(AuditError::Log(Broken::Link(_, seq, why))) => Some((seq, why)),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_log_that_nobody_touched_holds_even_while_the_server_runs() {
    let store = written().await;
    assert_eq!(verdict(&store.folder), None);
    store.db.close().await.expect("closed");
    assert_eq!(verdict(&store.folder), None);
}

#[tokio::test]
async fn every_column_of_an_entry_is_sealed() {
    for (edit, why) in [
        ("action = 'team.deleted'", "changed"),
        ("at = at + 1", "changed"),
        ("actor_id = zeroblob(16)", "changed"),
        ("target_id = 'x'", "changed"),
        ("target_type = 'service'", "changed"),
        ("request_id = 'x'", "changed"),
        ("event_id = zeroblob(16)", "changed"),
        ("ip = '192.0.2.8'", "address"),
        ("ip_digest = zeroblob(32)", "address"),
        ("hash = zeroblob(32)", "changed"),
    ] {
        let (seq, found) =
            broken_by(&format!("update audit_event set {edit} where seq = 3")).await.expect(edit);
        assert_eq!(seq, 3, "{edit}");
        assert!(found.contains(why), "{edit}: {found}");
    }
}

#[tokio::test]
async fn a_removed_entry_is_found() {
    assert_eq!(broken_by("delete from audit_event where seq = 3").await.expect("broken").0, 3);
    assert_eq!(broken_by("delete from audit_event where seq = 1").await.expect("broken").0, 1);
}

#[tokio::test]
async fn a_removed_entry_is_found_behind_numbers_that_were_closed_up() {
    let sql = "delete from audit_event where seq = 3; update audit_event set seq = seq - 1 where seq = 4;
               update audit_event set seq = seq - 1 where seq = 5; update audit_head set seq = 4";
    assert_eq!(broken_by(sql).await.expect("broken").0, 3);
}

#[tokio::test]
async fn entries_that_changed_places_are_found() {
    let sql = "update audit_event set seq = 100 where seq = 2; update audit_event set seq = 2 where seq = 3;
               update audit_event set seq = 3 where seq = 100";
    assert_eq!(broken_by(sql).await.expect("broken").0, 2);
}

#[tokio::test]
async fn a_log_that_was_cut_short_is_found() {
    assert!(broken_by("delete from audit_event where seq = 5").await.expect("broken").1.contains("end"));
    assert!(broken_by("delete from audit_event").await.is_some());
    assert!(broken_by("delete from audit_head").await.is_some());
}

#[tokio::test]
async fn an_address_can_be_erased_without_breaking_the_log() {
    assert_eq!(broken_by("update audit_event set ip = null, ip_salt = null where seq = 3").await, None);
}
