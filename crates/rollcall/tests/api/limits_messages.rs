//! How many messages others may be made to get: texts and calls, invitations, tests.

use std::time::Duration;

use serde_json::json;

use crate::support::{Answer, Person, Server, channels};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Moves the clock past the life of tokens.
async fn later(server: &Server, person: &Person, by: Duration) -> Person {
    server.advance(by);
    server.sign_in(&person.email, &person.password).await
}

fn is_refused(answer: &Answer) -> bool {
    answer.status == 429 && answer.body["code"] == "rate_limited" && answer.retry_after() > 0
}

async fn resend(server: &Server, by: &Person, priority: usize) -> Answer {
    let path = format!("{}/notification-channel/verification", channels::of(by));
    server.post(&path).token(&by.token).json(&json!({"priority": priority})).send().await
}

async fn add(server: &Server, by: &Person, kind: &str, value: &str) -> Answer {
    let body = json!({"type": kind, "value": value});
    let path = format!("{}/notification-channel", channels::of(by));
    server.post(&path).token(&by.token).json(&body).send().await
}

#[tokio::test]
async fn one_number_gets_ten_texts_and_calls_a_day_however_it_is_written() {
    let mut server = Server::start().await;
    let ann = server.person("Ann").await;
    server.add_channel(&ann, &channels::of(&ann), "sms", "+994551234567").await;
    server.add_channel(&ann, &channels::of(&ann), "phone", "+994 (55) 123-45-67").await;
    for _ in 0..4 {
        server.advance(Duration::from_secs(61));
        for priority in [1, 2] {
            assert_eq!(resend(&server, &ann, priority).await.status, 200);
        }
    }
    server.advance(Duration::from_secs(61));
    assert!(is_refused(&resend(&server, &ann, 1).await));
    assert!(is_refused(&resend(&server, &ann, 2).await));
    assert_eq!(
        add(&server, &ann, "sms", "+994551234568").await.status,
        201,
        "another number is another matter"
    );
    server.restart(Duration::from_secs(5)).await;
    assert!(is_refused(&resend(&server, &ann, 1).await), "a restart grants nothing");
    let ann = later(&server, &ann, DAY).await;
    assert_eq!(resend(&server, &ann, 1).await.status, 200);
}

#[tokio::test]
async fn numbers_beside_each_other_get_forty_texts_a_day_and_an_organization_sends_a_hundred() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let number = |block: usize, last: usize| format!("+99455{block:03}{last:04}");
    for last in 0..40 {
        assert_eq!(add(&server, &ann, "sms", &number(201, last)).await.status, 201, "{last}");
    }
    assert!(is_refused(&add(&server, &ann, "sms", &number(201, 77)).await));
    for (block, count) in [(202, 40), (203, 20)] {
        for last in 0..count {
            assert_eq!(add(&server, &ann, "sms", &number(block, last)).await.status, 201, "{block} {last}");
        }
    }
    assert!(is_refused(&add(&server, &ann, "phone", &number(204, 1)).await), "the hundred and first");
    assert_eq!(add(&server, &ann, "email", "ann@example.org").await.status, 201, "mail costs nothing");
    let bob = server.person("Bob").await;
    assert_eq!(add(&server, &bob, "sms", &number(204, 1)).await.status, 201);
    let ann = later(&server, &ann, DAY).await;
    assert_eq!(add(&server, &ann, "sms", &number(201, 77)).await.status, 201);
}

#[tokio::test]
async fn one_address_gets_thirty_invitations_and_reminders_a_day_whoever_sends_them() {
    let server = Server::start().await;
    let (ann, bob) = (server.person("Ann").await, server.person("Bob").await);
    let (team, other) = (server.team(&ann, "A").await, server.team(&bob, "B").await);
    let invite = async |by: &Person, team: &str, address: &str| {
        let body = json!({"channel_type": "email", "channel_value": address});
        server.post(&format!("/v1/team/{team}/invitation")).token(&by.token).json(&body).send().await
    };
    let withdraw = async |by: &Person, team: &str, address: &str| {
        let body = json!({"channel_value": address});
        let request = server.delete(&format!("/v1/team/{team}/invitation")).token(&by.token);
        request.json(&body).expect(200).await
    };
    for (number, address) in
        ["zoe@example.com", "Zoe@example.com", "ZOE@EXAMPLE.COM"].iter().cycle().take(30).enumerate()
    {
        let (by, team) = if number % 2 == 0 { (&ann, &team) } else { (&bob, &other) };
        assert_eq!(invite(by, team, address).await.status, 201, "{number}");
        withdraw(by, team, address).await;
    }
    assert!(is_refused(&invite(&ann, &team, "zoe@Example.com").await));
    assert_eq!(invite(&ann, &team, "yan@example.com").await.status, 201);
    let ann = later(&server, &ann, DAY).await;
    assert_eq!(invite(&ann, &team, "zoe@example.com").await.status, 201);
    let mut statuses = Vec::new();
    for _ in 0..30 {
        let ann = later(&server, &ann, Duration::from_secs(15 * 60)).await;
        let reminder = server.post(&format!("/v1/team/{team}/invitation/reminder")).token(&ann.token);
        statuses
            .push(reminder.json(&json!({"channel_value": "zoe@example.com"})).send().await.status.as_u16());
    }
    assert_eq!(statuses, [[200; 29].as_slice(), &[429]].concat());
}

#[tokio::test]
async fn an_organization_sends_a_hundred_invitations_a_day() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "A").await;
    let invite = async |by: &Person, number: usize| {
        let address = format!("i{number}@example.com");
        let body = json!({"channel_type": "email", "channel_value": address});
        server.post(&format!("/v1/team/{team}/invitation")).token(&by.token).json(&body).send().await
    };
    for number in 0..100 {
        assert_eq!(invite(&ann, number).await.status, 201, "{number}");
    }
    let refused = invite(&ann, 100).await;
    assert!(is_refused(&refused), "{}", refused.body);
    let listed = server.listed(&ann, &format!("/v1/team/{team}/invitations?limit=200")).await;
    assert_eq!(listed.len(), 100, "a refused one is not there");
    let ann = later(&server, &ann, DAY).await;
    assert_eq!(invite(&ann, 100).await.status, 201);
}

#[tokio::test]
async fn an_organization_sends_a_hundred_tests_a_day() {
    let server = Server::start().await;
    let mut ann = server.person("Ann").await;
    for number in 0..5 {
        server.verified_email(&ann, &channels::of(&ann), &format!("ops{number}@example.com")).await;
    }
    let path = format!("{}/notification-channel/test", channels::of(&ann));
    let test = async |by: &Person, priority: usize| {
        server.post(&path).token(&by.token).json(&json!({"priority": priority})).send().await
    };
    for _ in 0..4 {
        for number in 0..25 {
            assert_eq!(test(&ann, number % 5 + 1).await.status, 200);
        }
        server.advance(Duration::from_secs(61));
    }
    let refused = test(&ann, 1).await;
    assert!(is_refused(&refused) && refused.retry_after() > 3_600, "{}", refused.body);
    ann = later(&server, &ann, DAY).await;
    assert_eq!(test(&ann, 1).await.status, 200);
}
