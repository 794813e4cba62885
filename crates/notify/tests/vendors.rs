//! Every service that channels lead to: what it gets is what it takes, and its answers are understood.

mod support;

use std::time::Duration;

use notify::{Destination, GuardRules, Message, Notifier, Outcome, Settings, Severity, Verdict};
use notify_fakes::vendor::telegram;
use notify_fakes::{FakeVendor, Mood, Vendor};
use serde_json::{Value, json};
use support::{message, now, short};

const ALL: [Vendor; 6] =
    [Vendor::Slack, Vendor::MsTeams, Vendor::Discord, Vendor::Telegram, Vendor::PagerDuty, Vendor::Ntfy];

fn notifier(fake: &FakeVendor) -> Notifier {
    let guard =
        GuardRules { allow_http: true, allow_networks: vec!["127.0.0.0/8".parse().expect("a network")] };
    let base = || fake.base().parse().expect("a URL");
    let settings =
        Settings { guard, bounds: short(), telegram: base(), pagerduty: base(), ..Settings::default() };
    Notifier::new(settings).expect("settings")
}

fn destination(vendor: Vendor, value: String) -> Destination {
    match vendor {
        Vendor::Slack => Destination::Slack(value),
        Vendor::MsTeams => Destination::MsTeams(value),
        Vendor::Discord => Destination::Discord(value),
        Vendor::PagerDuty => Destination::PagerDuty(value),
        Vendor::Ntfy => Destination::Ntfy(value),
        Vendor::Telegram => {
            let (token, chat) = value.split_once('@').expect("token and chat");
            Destination::Telegram { token: token.to_owned(), chat: chat.to_owned() }
        }
    }
}

async fn deliver(vendor: Vendor, fake: &FakeVendor, message: &Message) -> Outcome {
    notifier(fake).deliver(&destination(vendor, fake.value(1)), message, now()).await
}

/// What becomes of the usual message to a service in a mood.
async fn met(vendor: Vendor, mood: Mood) -> Outcome {
    let fake = FakeVendor::start(vendor).await;
    fake.be(mood);
    deliver(vendor, &fake, &message()).await
}

/// The first six digits in a row that are no part of a longer number.
fn first_code(text: &str) -> Option<&str> {
    text.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == 6)
}

#[tokio::test]
async fn what_each_service_gets_is_what_it_takes_and_brings_the_code_first() {
    for vendor in ALL {
        let fake = FakeVendor::start(vendor).await;
        let outcome = deliver(vendor, &fake, &message()).await;
        assert_eq!(outcome.verdict, Verdict::Delivered, "{vendor:?}: {outcome:?}");
        let requests = fake.wait_for(1).await;
        let text = requests[0].text();
        assert_eq!(first_code(&text), Some("123456"), "{vendor:?}: {text}");
        assert!(text.contains("asked for it"), "{vendor:?}: {text}");
        assert!(text.contains("https://rollcall.example.com/"), "{vendor:?}: {text}");
        // The code is not kept in the log, however the receiver repeats it.
        assert!(!format!("{outcome:?}").contains("123456"), "{vendor:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn each_services_answers_are_understood() {
    let after = |seconds| Verdict::Retry { after: Some(Duration::from_secs(seconds)) };
    for vendor in ALL {
        let refused = met(vendor, Mood::Refusing).await;
        assert_eq!(refused.verdict, Verdict::Refused, "{vendor:?}: {refused:?}");
        let throttled = met(vendor, Mood::Throttling).await;
        assert_eq!(throttled.verdict, after(FakeVendor::RETRY_AFTER), "{vendor:?}: {throttled:?}");
        assert_eq!(throttled.response_status, Some(429), "{vendor:?}");
        let broken = met(vendor, Mood::Broken).await;
        assert_eq!(broken.verdict, Verdict::Retry { after: None }, "{vendor:?}: {broken:?}");
    }
    for vendor in [Vendor::Slack, Vendor::MsTeams, Vendor::Discord, Vendor::Telegram] {
        let gone = met(vendor, Mood::Gone).await;
        assert_eq!(gone.verdict, Verdict::Gone, "{vendor:?}: {gone:?}");
        assert!(gone.answer.is_some(), "{vendor:?}: the vendor's own words are kept");
    }
}

#[tokio::test]
async fn names_that_are_markup_stay_text_and_long_messages_are_cut() {
    let nasty =
        "<b>Ann</b> & <https://evil.example|click> [x](https://evil.example) *a* @everyone <!channel> \\";
    for vendor in ALL {
        let fake = FakeVendor::start(vendor).await;
        let nasty =
            Message { title: nasty.into(), body: format!("{nasty}\n\n123456\n\n{nasty}"), ..message() };
        assert_eq!(deliver(vendor, &fake, &nasty).await.verdict, Verdict::Delivered, "{vendor:?}");
        let many = "<&>'\"é ".repeat(8_000);
        let long = Message { title: "&".repeat(600), body: many.clone(), short: many, ..message() };
        assert_eq!(deliver(vendor, &fake, &long).await.verdict, Verdict::Delivered, "{vendor:?}");
        fake.wait_for(2).await;
    }
}

#[tokio::test]
async fn no_secret_of_a_value_comes_back_in_an_outcome() {
    for vendor in ALL {
        for mood in [Mood::Good, Mood::Refusing, Mood::Gone, Mood::Broken] {
            let outcome = format!("{:?}", met(vendor, mood).await);
            assert!(!outcome.contains("CanarySecret"), "{vendor:?}: {outcome}");
        }
    }
}

#[tokio::test]
async fn a_pagerduty_code_opens_an_incident_of_severity_info_and_resolves_it_at_once() {
    let fake = FakeVendor::start(Vendor::PagerDuty).await;
    assert_eq!(deliver(Vendor::PagerDuty, &fake, &message()).await.verdict, Verdict::Delivered);
    let events: Vec<Value> = fake.wait_for(2).await.iter().map(notify_fakes::Request::json).collect();
    assert_eq!(
        (&events[0]["event_action"], &events[1]["event_action"]),
        (&json!("trigger"), &json!("resolve"))
    );
    assert_eq!(events[0]["payload"]["severity"], "info");
    assert!(events[0]["dedup_key"].is_string());
    assert_eq!(events[0]["dedup_key"], events[1]["dedup_key"]);
    assert_eq!(events[0]["routing_key"], events[1]["routing_key"]);
}

#[tokio::test]
async fn a_pagerduty_alert_stays_open() {
    let fake = FakeVendor::start(Vendor::PagerDuty).await;
    let alert = Message { severity: Severity::Critical, ..message() };
    assert_eq!(deliver(Vendor::PagerDuty, &fake, &alert).await.verdict, Verdict::Delivered);
    let [event] = &fake.wait_for(1).await[..] else { panic!("one event") };
    assert_eq!(event.json()["payload"]["severity"], "critical");
}

#[tokio::test]
async fn a_telegram_group_that_moved_is_followed_and_its_new_number_reported() {
    let fake = FakeVendor::start(Vendor::Telegram).await;
    let to = Destination::Telegram { token: "71:abc".into(), chat: telegram::MOVED.into() };
    let outcome = notifier(&fake).deliver(&to, &message(), now()).await;
    assert_eq!(outcome.verdict, Verdict::Delivered);
    assert_eq!(outcome.moved_to.as_deref(), Some(telegram::MOVED_TO));
    let chats: Vec<Value> =
        fake.wait_for(2).await.iter().map(|request| request.json()["chat_id"].clone()).collect();
    assert_eq!(chats, [json!(telegram::MOVED), json!(telegram::MOVED_TO)]);
}

#[tokio::test]
async fn only_the_operators_own_bases_are_beyond_the_guard() {
    for vendor in ALL {
        let fake = FakeVendor::start(vendor).await;
        let base = || fake.base().parse().expect("a URL");
        let guard = GuardRules { allow_http: true, ..GuardRules::default() };
        let settings =
            Settings { guard, bounds: short(), telegram: base(), pagerduty: base(), ..Settings::default() };
        let outcome = Notifier::new(settings)
            .expect("settings")
            .deliver(&destination(vendor, fake.value(1)), &message(), now())
            .await;
        if matches!(vendor, Vendor::Telegram | Vendor::PagerDuty) {
            assert_eq!(outcome.verdict, Verdict::Delivered, "{vendor:?}: {outcome:?}");
        } else {
            assert_eq!(outcome.detail, "This destination is not allowed.", "{vendor:?}");
            assert!(fake.received().is_empty(), "{vendor:?}");
        }
    }
}
