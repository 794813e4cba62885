//! Values of channels that are refused, by field and with one code each, and those that look odd and are right.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use notify_fakes::{FakePushService, FakeReceiver};
use serde_json::{Value, json};

use crate::support::Server;
use crate::support::channels::of;

fn subscription(endpoint: &str, p256dh: &str, auth: &str) -> String {
    json!({"endpoint": endpoint, "keys": {"p256dh": p256dh, "auth": auth}}).to_string()
}

/// The keys of a browser.
async fn keys() -> (String, String) {
    let service = FakePushService::start().await;
    let text: Value = serde_json::from_str(&service.subscription(1)).expect("JSON");
    let key = |name: &str| text["keys"][name].as_str().expect("a key").to_owned();
    (key("p256dh"), key("auth"))
}

#[tokio::test]
async fn a_value_that_does_not_fit_its_type_is_refused_with_the_reason() {
    let server = Server::start().await;
    let ann = server.person("Ann").await;
    let (p256dh, auth) = keys().await;
    let endpoint = server.receiver.url("/push");
    let short_auth = URL_SAFE_NO_PAD.encode([1; 15]);
    let off_the_curve = URL_SAFE_NO_PAD.encode([4; 65]);
    for (kind, value, code) in [
        ("slack", "hooks.slack.com/services/T/B/x", "url_invalid"),
        ("slack", "", "url_invalid"),
        ("ms-teams", "ftp://example.com/x", "url_invalid"),
        ("discord", "https://", "url_invalid"),
        ("ntfy", "https://ntfy.example.com/", "topic_invalid"),
        ("ntfy", "https://ntfy.example.com/a topic", "url_invalid"),
        ("ntfy", "my-topic", "url_invalid"),
        ("telegram", "123:abc", "chat_invalid"),
        ("telegram", "@-100123", "chat_invalid"),
        ("telegram", "123:abc@", "chat_invalid"),
        ("telegram", "123:a/../b@-100123", "chat_invalid"),
        ("pagerduty", "R0123456789ABCDEFGHIJKLMNOPQRST", "routing_key_invalid"),
        ("pagerduty", "R0123456789ABCDEFGHIJKLMNOPQRS-U", "routing_key_invalid"),
        ("push-notification", "{}", "subscription_invalid"),
        ("push-notification", &endpoint, "subscription_invalid"),
        ("push-notification", &subscription("push.example.com", &p256dh, &auth), "subscription_invalid"),
        ("push-notification", &subscription(&endpoint, &p256dh[..80], &auth), "subscription_invalid"),
        ("push-notification", &subscription(&endpoint, &off_the_curve, &auth), "subscription_invalid"),
        ("push-notification", &subscription(&endpoint, &p256dh, &short_auth), "subscription_invalid"),
    ] {
        let body = json!({"type": kind, "value": value});
        let path = format!("{}/notification-channel", of(&ann));
        let refused = server.post(&path).token(&ann.token).json(&body).faulty(&["value"]).await;
        assert_eq!(refused.text("/errors/0/code"), code, "{kind} {value}");
    }
    assert!(server.channels(&ann, &of(&ann)).await.is_empty());
    assert_eq!(server.receiver.connections(), 0);
}

/// Spellings of this machine and of networks that are nobody else's business, as whole origins.
const FORBIDDEN: &[&str] = &[
    "https://127.0.0.1",
    "https://2130706433",
    "https://0177.0.0.1",
    "https://0x7f000001",
    "https://0x7f.1",
    "https://127.1",
    "https://0",
    "https://[::1]",
    "https://[::ffff:127.0.0.1]",
    "https://[::ffff:7f00:1]",
    "https://[64:ff9b::7f00:1]",
    "https://[64:ff9b:1::7f00:1]",
    "https://[2002:7f00:1::]",
    "https://[2001:0:7f00:1::1]",
    "https://[fe80::1]",
    "https://[fe80::1%25eth0]",
    "https://localhost",
    "https://LOCALHOST.",
    "https://a.localhost",
    "https://localhost.localdomain",
    "https://ip6-localhost",
    "https://127.0.0.1.",
    "https://\u{ff11}\u{ff12}\u{ff17}.0.0.1",
    "https://\u{2460}\u{2461}\u{2466}.0.0.1",
    "https://user@hooks.example.com",
    "https://user:password@hooks.example.com",
    "https://10.0.0.1",
    "https://169.254.169.254",
    "https://100.64.0.1",
    "https://metadata.google.internal",
    "https://hooks.example.com:22",
    "http://hooks.example.com",
];

#[tokio::test]
async fn every_spelling_of_a_forbidden_place_is_refused_alike_for_every_type_that_takes_a_url() {
    let server = Server::with(&[("webhook_allow_http", "false"), ("outbound_allow", "")]).await;
    let ann = server.person("Ann").await;
    let canary = FakeReceiver::start().await;
    let (p256dh, auth) = keys().await;
    let mut answers = Vec::new();
    for origin in FORBIDDEN {
        // With the canary's port, where the spelling leaves room for one.
        let port = canary.address().port();
        let origin = if origin.ends_with(":22") { (*origin).to_owned() } else { format!("{origin}:{port}") };
        for kind in ["webhook", "slack", "ms-teams", "discord", "ntfy", "push-notification"] {
            let url = format!("{origin}/topic");
            let value = match kind {
                "push-notification" => subscription(&url, &p256dh, &auth),
                _ => url,
            };
            let body = json!({"type": kind, "value": value});
            let path = format!("{}/notification-channel", of(&ann));
            let refused = server.post(&path).token(&ann.token).json(&body).faulty(&["value"]).await;
            // A zone id is no URL at all; everything else is refused by the guard, and in the same words.
            if !origin.contains("%25") {
                answers.push((format!("{kind} {origin}"), refused.body["errors"].clone()));
            }
        }
    }
    let (_, first) = answers[0].clone();
    assert_eq!(first[0]["code"], "destination_refused");
    for (what, errors) in answers {
        assert_eq!(errors, first, "{what}");
    }
    assert_eq!(canary.connections(), 0);
}
