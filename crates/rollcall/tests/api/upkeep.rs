//! What has expired is deleted, and nothing else is.

use std::time::Duration;

use notify_fakes::Answer;
use rollcall::db::Error;
use rollcall::upkeep::{round, sweep};
use serde_json::json;

use crate::support::channels::of;
use crate::support::notifications::alert;
use crate::support::{Person, Server};

const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;

/// How many rows there are of what expires: sign-ups, codes, tokens, sessions, idempotency keys, allowances, mailbox
/// messages, outbox.
async fn rows(server: &Server) -> [i64; 8] {
    server
        .app
        .db
        .read(|reader| {
            let row: (i64, i64, i64, i64, i64, i64, i64, i64) = reader.fetch_one(
                "select (select count(*) from sign_up), (select count(*) from one_time_code),
                        (select count(*) from token), (select count(*) from session),
                        (select count(*) from idempotency), (select count(*) from allowance),
                        (select count(*) from mailbox_message), (select count(*) from outbox)",
                (),
            )?;
            Ok::<_, Error>(row.into())
        })
        .await
        .expect("the storage answers")
}

async fn swept(server: &Server) -> [i64; 8] {
    sweep(&server.app).await.expect("the storage answers");
    rows(server).await
}

async fn fill(server: &Server) -> Person {
    let ann = server.person("Ann").await;
    let account =
        json!({"name": "Bo", "surname": "Late", "email": "bo@example.com", "password": "violet-harbour-71"});
    server.post("/v1/account").json(&account).expect(201).await;
    server
        .post(&format!("{}/notification-channel", of(&ann)))
        .token(&ann.token)
        .header("idempotency-key", "one")
        .json(&json!({"type": "sms", "value": "+994551234567"}))
        .expect(201)
        .await;
    server.settled(&ann, &of(&ann)).await;
    ann
}

#[tokio::test]
async fn what_has_expired_goes_when_its_time_has_come_and_not_before() {
    let server = Server::with(&[("sms_url", "")]).await;
    fill(&server).await;
    server.smtp.wait_for_count(2).await;
    let before = rows(&server).await;
    assert_eq!((before[0], before[1], before[2], before[3], before[4], before[6]), (1, 2, 2, 1, 1, 1));
    assert_eq!(swept(&server).await[..5], before[..5]);

    // Sign-ups and idempotency keys live for a day; codes go a day after their ten minutes.
    server.clock.advance(Duration::from_secs(DAY - 60));
    let almost = swept(&server).await;
    assert_eq!((almost[0], almost[1], almost[2], almost[3], almost[4]), (1, 2, 2, 1, 1));
    server.clock.advance(Duration::from_secs(61));
    let after = swept(&server).await;
    assert_eq!((after[0], after[4]), (0, 0));
    server.clock.advance(Duration::from_secs(600));
    assert_eq!(swept(&server).await[1], 0);
    // A day after it has expired, the access token goes; the session stays for its refresh token.
    server.clock.advance(Duration::from_secs(HOUR));
    let after = swept(&server).await;
    assert_eq!((after[2], after[3], after[6]), (1, 1, 1));
    server.clock.advance(Duration::from_secs(6 * DAY));
    assert_eq!(swept(&server).await[5..], [0, 0, 0]);
    server.clock.advance(Duration::from_secs(24 * DAY));
    let after = swept(&server).await;
    assert_eq!((after[2], after[3]), (0, 0));
}

#[tokio::test]
async fn the_delivery_log_is_kept_as_long_as_the_setting_says() {
    let server = Server::with(&[("delivery_retention", "2")]).await;
    let ann = server.person("Ann").await;
    server.verified_email(&ann, &of(&ann), "ann@example.net").await;
    server.verified_webhook(&ann, &of(&ann), "/hook").await;
    server.log(&ann, &of(&ann)).await;
    server.receiver.always(Answer::too_many("86400"));
    server.notify(&ann, &of(&ann), &alert()).await;
    assert_eq!(server.log(&ann, &of(&ann)).await.len(), 4);
    for (hours, kept) in [(47, 4), (2, 1)] {
        server.clock.advance(Duration::from_secs(hours * HOUR));
        let ann = server.again(&ann).await;
        sweep(&server.app).await.expect("the storage answers");
        // What still waits stays.
        assert_eq!(server.log(&ann, &of(&ann)).await.len(), kept);
    }
}

#[tokio::test]
async fn a_thousand_rows_go_in_batches() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    for number in 0..3 {
        // Counters of 600 subjects each, without 600 requests.
        server
            .app
            .db
            .write(move |tx| {
                for index in 0..600_i64 {
                    let mut key = [0; 32];
                    key[..8].copy_from_slice(&(number * 1_000 + index).to_be_bytes());
                    tx.execute(
                        "insert into allowance (allowance_key, window_ends, used) values ($1, 0, 1)",
                        (key,),
                    )?;
                }
                let by = rollcall::domain::event::By::service("test");
                tx.commit(&by, jiff::Timestamp::UNIX_EPOCH, rollcall::domain::event::Event::upkeep(), ())
            })
            .await
            .map_err(|error: Error| error)
            .expect("the storage answers");
    }
    assert!(rows(&server).await[5] >= 1_800);
    assert!(swept(&server).await[5] < 100);
    server.get("/v1/teams").token(&ann.token).expect(200).await;
}

#[tokio::test]
async fn a_round_is_done_once_in_its_time_whoever_asks() {
    let server = Server::start().await;
    // The server's own upkeep may have been first.
    round(&server.app).await.expect("the storage answers");
    assert!(!round(&server.app).await.expect("the storage answers"));
    server.advance(Duration::from_secs(10 * 60));
    assert!(round(&server.app).await.expect("the storage answers"));
    assert!(!round(&server.app).await.expect("the storage answers"));
}
