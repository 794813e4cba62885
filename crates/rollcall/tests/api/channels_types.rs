//! Each type of channel from its creation to a test message, against a receiver that checks as the vendor does.

use notify_fakes::vendor::telegram;
use notify_fakes::{FakePushService, FakeVendor, Mood, Vendor};
use serde_json::{Value, json};

use crate::support::channels::{of, of_team};
use crate::support::{Answer, Person, Server};

/// The types that lead to a vendor, with the vendor.
const VENDORS: [(&str, Vendor); 6] = [
    ("slack", Vendor::Slack),
    ("ms-teams", Vendor::MsTeams),
    ("discord", Vendor::Discord),
    ("telegram", Vendor::Telegram),
    ("pagerduty", Vendor::PagerDuty),
    ("ntfy", Vendor::Ntfy),
];

/// A server whose operator-set bases lead to the vendor.
async fn server_for(fake: &FakeVendor) -> Server {
    Server::with(&[("telegram_url", &fake.base()), ("pagerduty_url", &fake.base())]).await
}

/// How many requests a message makes: PagerDuty's incident is resolved at once.
fn requests(kind: &str) -> usize {
    if kind == "pagerduty" { 2 } else { 1 }
}

/// The first six digits in a row of a request's body that are no part of a longer number.
fn code_in(text: &str) -> String {
    let code = text.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == 6);
    code.unwrap_or_else(|| panic!("no code in {text}")).to_owned()
}

async fn test(server: &Server, by: &Person, owner: &str, priority: i64) -> Answer {
    let body = json!({"priority": priority});
    server.post(&format!("{owner}/notification-channel/test")).token(&by.token).json(&body).expect(200).await
}

/// Adds, verifies and tests a channel; changes its value and proves the new one.
async fn lives(kind: &str, vendor: Vendor) {
    let fake = FakeVendor::start(vendor).await;
    let server = server_for(&fake).await;
    let ann = server.person("Ann").await;
    let each = requests(kind);
    let added = server.add_channel(&ann, &of(&ann), kind, &fake.value(1)).await;
    let channel = &added.body["notification_channel"];
    assert_eq!((&channel["type"], &channel["value"]), (&json!(kind), &json!(fake.value(1))), "{kind}");
    assert_eq!((channel["status"].as_str(), added.body.get("signing_secret")), (Some("pending"), None));

    let code = code_in(&fake.wait_for(each).await[0].text());
    let verified = server.verify(&ann, &of(&ann), 1, &code).await;
    assert_eq!(verified.text("/notification_channel/status"), "active", "{kind}");

    let tested = test(&server, &ann, &of(&ann), 1).await;
    assert_eq!(tested.text("/delivery/status"), "delivered", "{kind}: {}", tested.body);
    let sent = fake.wait_for(2 * each).await;
    assert!(sent[each].text().contains("Ann Tester"), "{kind}: {}", sent[each].text());

    let change = json!({"priority": 1, "value": fake.value(2)});
    let changed = server
        .put(&format!("{}/notification-channel", of(&ann)))
        .token(&ann.token)
        .json(&change)
        .expect(200)
        .await;
    assert_eq!(changed.text("/notification_channel/value"), fake.value(1), "{kind}");
    assert_eq!(changed.text("/notification_channel/pending_value"), fake.value(2), "{kind}");
    let code = code_in(&fake.wait_for(3 * each).await[2 * each].text());
    let verified = server.verify(&ann, &of(&ann), 1, &code).await;
    assert_eq!(verified.text("/notification_channel/value"), fake.value(2), "{kind}");

    let again = json!({"type": kind, "value": format!(" {} ", fake.value(2))});
    let again = server.post(&format!("{}/notification-channel", of(&ann))).token(&ann.token).json(&again);
    again.refused(409, "duplicate_channel").await;
}

#[tokio::test]
async fn a_slack_channel_is_proved_tested_and_changed() {
    lives("slack", Vendor::Slack).await;
}

#[tokio::test]
async fn a_teams_channel_is_proved_tested_and_changed() {
    lives("ms-teams", Vendor::MsTeams).await;
}

#[tokio::test]
async fn a_discord_channel_is_proved_tested_and_changed() {
    lives("discord", Vendor::Discord).await;
}

#[tokio::test]
async fn a_telegram_channel_is_proved_tested_and_changed() {
    lives("telegram", Vendor::Telegram).await;
}

#[tokio::test]
async fn a_pagerduty_channel_is_proved_tested_and_changed() {
    lives("pagerduty", Vendor::PagerDuty).await;
}

#[tokio::test]
async fn an_ntfy_channel_is_proved_tested_and_changed() {
    lives("ntfy", Vendor::Ntfy).await;
}

#[tokio::test]
async fn a_browser_subscribes_with_the_public_key_and_gets_its_code_encrypted() {
    let service = FakePushService::start().await;
    let mut server = Server::start().await;
    let key = server.get("/v1/push/public-key").expect(200).await;
    let ann = server.person("Ann").await;
    server.add_channel(&ann, &of(&ann), "push-notification", &service.subscription(1)).await;
    let pushed = service.wait_for(1).await;
    let said = pushed[0].payload["notification"]["body"].as_str().expect("a text").to_owned();
    assert!(said.starts_with(&code_in(&said)), "{said}");
    let ttl: u64 = pushed[0].request.header("ttl").expect("a TTL").parse().expect("seconds");
    assert!((500..=600).contains(&ttl), "a code is of no use after ten minutes: {ttl}");
    assert_eq!(pushed[0].claims["sub"], "mailto:rollcall@example.com");
    let authorization = pushed[0].request.header("authorization").expect("a token");
    assert!(authorization.ends_with(&format!(", k={}", key.text("/public_key"))), "{authorization}");

    let verified = server.verify(&ann, &of(&ann), 1, &code_in(&said)).await;
    assert_eq!(verified.text("/notification_channel/status"), "active");
    assert_eq!(test(&server, &ann, &of(&ann), 1).await.text("/delivery/status"), "delivered");
    let pushed = service.wait_for(2).await;
    assert_eq!(pushed[1].payload["notification"]["title"], "Test message from Rollcall");

    server.restart(std::time::Duration::from_secs(5)).await;
    let again = server.get("/v1/push/public-key").expect(200).await;
    assert_eq!(again.text("/public_key"), key.text("/public_key"), "browsers know the server by it");
}

#[tokio::test]
async fn a_receiver_that_is_gone_switches_its_channel_off_with_the_reason() {
    for (kind, vendor) in VENDORS.into_iter().filter(|(kind, _)| !["pagerduty", "ntfy"].contains(kind)) {
        let fake = FakeVendor::start(vendor).await;
        let server = server_for(&fake).await;
        let ann = server.person("Ann").await;
        server.add_channel(&ann, &of(&ann), kind, &fake.value(1)).await;
        let code = code_in(&fake.wait_for(1).await[0].text());
        assert_eq!(server.verify(&ann, &of(&ann), 1, &code).await.status, 200);
        fake.be(Mood::Gone);
        let tested = test(&server, &ann, &of(&ann), 1).await;
        assert_eq!(tested.text("/delivery/status"), "failed", "{kind}: {}", tested.body);
        let channel = &server.channels(&ann, &of(&ann)).await[0];
        assert_eq!(channel["status"], "disabled", "{kind}");
        assert!(channel["disabled_reason"].is_string(), "{kind}: {channel}");
    }
}

#[tokio::test]
async fn a_telegram_group_that_moved_is_followed_and_the_channel_keeps_its_new_number() {
    let fake = FakeVendor::start(Vendor::Telegram).await;
    let server = server_for(&fake).await;
    let ann = server.person("Ann").await;
    let value = |chat: &str| format!("71:token@{chat}");
    server.add_channel(&ann, &of(&ann), "telegram", &value(telegram::MOVED)).await;
    // The code follows too, but proves the value that was given.
    let code = code_in(&fake.wait_for(2).await[1].text());
    let verified = server.verify(&ann, &of(&ann), 1, &code).await;
    assert_eq!(verified.text("/notification_channel/value"), value(telegram::MOVED));
    assert_eq!(test(&server, &ann, &of(&ann), 1).await.text("/delivery/status"), "delivered");
    assert_eq!(server.channels(&ann, &of(&ann)).await[0]["value"], value(telegram::MOVED_TO));
    test(&server, &ann, &of(&ann), 1).await;
    let chats: Vec<_> =
        fake.wait_for(5).await.iter().map(|request| request.json()["chat_id"].clone()).collect();
    assert_eq!(chats[2..], [telegram::MOVED, telegram::MOVED_TO, telegram::MOVED_TO]);
}

#[tokio::test]
async fn who_may_not_change_a_channel_does_not_see_its_secret() {
    let server = Server::start().await;
    let service = FakePushService::start().await;
    let ann = server.person("Ann").await;
    let team = server.team(&ann, "Ops").await;
    let user = server.member(&ann, &team, "Una", "user").await;
    for (kind, vendor) in VENDORS {
        let fake = FakeVendor::start(vendor).await;
        server.add_channel(&ann, &of_team(&team), kind, &fake.value(1)).await;
    }
    server.add_channel(&ann, &of_team(&team), "push-notification", &service.subscription(1)).await;
    let whole = server.channels(&ann, &of_team(&team)).await;
    assert_eq!(whole.len(), 7);
    for channel in whole {
        assert!(channel["value"].as_str().is_some_and(|value| value.contains("CanarySecret")), "{channel}");
    }
    for channel in server.channels(&user, &of_team(&team)).await {
        let value = channel["value"].as_str().expect("a text");
        assert!(value.contains('…') && !value.contains("Canary"), "{channel}");
        if channel["type"] == "telegram" {
            assert_eq!(value, "…@-100171", "the chat is no secret");
        }
        if channel["type"] == "push-notification" {
            let masked: Value = serde_json::from_str(value).expect("still JSON");
            assert_eq!(masked["keys"], json!({"p256dh": "…", "auth": "…"}));
        }
    }
}

#[tokio::test]
async fn the_types_are_told_as_data_with_what_each_asks_for() {
    let server = Server::with(&[("sms_url", ""), ("mailbox", "off")]).await;
    let ann = server.person("Ann").await;
    server.get("/v1/notification-channel-types").refused(401, "token_missing").await;
    let list = server.get("/v1/notification-channel-types").token(&ann.token).expect(200).await;
    let names: Vec<_> = list.data().iter().map(|row| row["type"].as_str().expect("a name")).collect();
    let all = [
        "email",
        "sms",
        "phone",
        "webhook",
        "slack",
        "ms-teams",
        "discord",
        "telegram",
        "pagerduty",
        "ntfy",
        "push-notification",
    ];
    assert_eq!(names, all);
    for kind in list.data() {
        assert_eq!(kind["available"], kind["type"] != "sms", "{kind}");
        for text in ["label", "description", "value", "value_template", "verification"] {
            assert!(kind[text].as_str().is_some_and(|text| !text.is_empty()), "{text}: {kind}");
        }
    }
    let telegram = list.data().iter().find(|kind| kind["type"] == "telegram").expect("telegram");
    assert_eq!(telegram["value_template"], "{bot_token}@{chat_id}");
    assert_eq!(
        (&telegram["fields"][0]["name"], &telegram["fields"][0]["secret"]),
        (&json!("bot_token"), &json!(true))
    );

    // Queries of customers, by whatever name the service is addressed.
    server.get("/customer-query/v1/notification-channel-types").token(&ann.token).expect(200).await;
    server.get("/customer-cmd/v1/notification-channel-types").token(&ann.token).expect(404).await;
    server.get("/customer-query/v1/push/public-key").expect(200).await;
    server.get("/auth/v1/push/public-key").expect(404).await;
    let tag = list.header("etag").to_owned();
    let again = server.get("/v1/notification-channel-types").token(&ann.token);
    again.header("if-none-match", &tag).expect(304).await;
}
