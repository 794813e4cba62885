//! Web Push: the RFC's example, a browser's view of what is sent, and the push service's answers.

mod support;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use notify::web_push::{EncryptError, Ephemeral, LONGEST, VapidKey, encrypt, is_public_key};
use notify::{Destination, GuardRules, Message, Notifier, Outcome, Settings, Subscription, Verdict};
use notify_fakes::{FakePushService, FakeVendor, Mood};
use serde_json::{Value, json};
use support::{message, now, short};

fn example() -> Value {
    let cases: Value = serde_json::from_str(include_str!("data/webpush-rfc8291/cases.json")).expect("JSON");
    cases[0].clone()
}

fn octets(case: &Value, field: &str) -> Vec<u8> {
    let text = case[field].as_str().expect("hexadecimal");
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
}

#[test]
fn the_example_of_rfc_8291_section_5_comes_out_octet_by_octet() {
    let case = example();
    // "as_private" of the RFC; the salt is the beginning of the body.
    let sender = URL_SAFE_NO_PAD.decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw").unwrap();
    let body = octets(&case, "body");
    let once = Ephemeral::known(&sender, body[..16].try_into().unwrap()).unwrap();
    let plaintext = case["plaintext"].as_str().unwrap();
    let mut sent =
        encrypt(&octets(&case, "pub"), &octets(&case, "auth"), plaintext.as_bytes(), &once).unwrap();
    assert_eq!(sent, body);
    sent[100] ^= 1;
    assert_ne!(sent, body);
}

#[test]
fn keys_that_are_none_and_messages_that_are_too_long_are_refused() {
    let case = example();
    let (key, auth) = (octets(&case, "pub"), octets(&case, "auth"));
    assert!(is_public_key(&key));
    let mut off_the_curve = key.clone();
    off_the_curve[64] ^= 1;
    let mut compressed = key[..33].to_vec();
    compressed[0] = 2;
    for wrong in [&off_the_curve[..], &compressed, &key[..64], &[], &[4; 65]] {
        assert!(!is_public_key(wrong));
        let sent = encrypt(wrong, &auth, b"x", &Ephemeral::new().unwrap());
        assert_eq!(sent, Err(EncryptError::Keys));
    }
    assert_eq!(encrypt(&key, &auth[1..], b"x", &Ephemeral::new().unwrap()), Err(EncryptError::Keys));
    let longest = encrypt(&key, &auth, &[b'x'; LONGEST], &Ephemeral::new().unwrap()).unwrap();
    assert_eq!(longest.len(), 4_096);
    let longer = encrypt(&key, &auth, &[b'x'; LONGEST + 1], &Ephemeral::new().unwrap());
    assert_eq!(longer, Err(EncryptError::TooLong));
}

async fn deliver(service: &FakePushService, message: &Message) -> Outcome {
    let guard =
        GuardRules { allow_http: true, allow_networks: vec!["127.0.0.0/8".parse().expect("a network")] };
    let vapid = VapidKey::from_seed(&[3; 32], "mailto:ops@example.com".into()).expect("a key");
    let settings = Settings { guard, bounds: short(), vapid: Some(vapid), ..Settings::default() };
    let text: Value = serde_json::from_str(&service.subscription(1)).expect("JSON");
    let field = |pointer: &str| text.pointer(pointer).and_then(Value::as_str).expect("a text").to_owned();
    let to = Destination::Push(Subscription {
        endpoint: field("/endpoint"),
        p256dh: field("/keys/p256dh"),
        auth: field("/keys/auth"),
    });
    Notifier::new(settings).expect("settings").deliver(&to, message, now()).await
}

#[tokio::test]
async fn a_browser_decrypts_the_message_and_knows_who_sent_it() {
    let service = FakePushService::start().await;
    let outcome = deliver(&service, &message()).await;
    assert_eq!((outcome.verdict, outcome.response_status), (Verdict::Delivered, Some(201)));
    let [pushed] = &service.wait_for(1).await[..] else { panic!("one message") };
    let notification = &pushed.payload["notification"];
    assert_eq!(notification["title"], "Your code");
    assert!(notification["body"].as_str().is_some_and(|body| body.starts_with("123456\n")), "{notification}");
    assert_eq!(notification["navigate"], "https://rollcall.example.com/?a=1&b=2");
    let claims = json!({"sub": "mailto:ops@example.com", "exp": now().as_second() + 12 * 3_600});
    assert_eq!((&pushed.claims["sub"], &pushed.claims["exp"]), (&claims["sub"], &claims["exp"]));
    let header = |name: &str| pushed.request.header(name).unwrap_or_default().to_owned();
    assert_eq!(
        (header("ttl"), header("urgency"), header("topic")),
        ("600".into(), "high".into(), "rollcall-code".into())
    );
    // Another time, other octets: the ephemeral key and the salt are used once.
    deliver(&service, &message()).await;
    let both = service.wait_for(2).await;
    assert_ne!(both[0].request.body, both[1].request.body);
}

#[tokio::test]
async fn the_longest_message_still_fits() {
    let service = FakePushService::start().await;
    let many = "\u{1}\"\\é\n".repeat(4_000);
    let long =
        Message { title: many.clone(), body: many, lifetime: Duration::from_secs(u64::MAX), ..message() };
    assert_eq!(deliver(&service, &long).await.verdict, Verdict::Delivered);
    let [pushed] = &service.wait_for(1).await[..] else { panic!("one message") };
    assert_eq!((pushed.request.header("ttl"), pushed.request.header("topic")), (Some("2419200"), None));
}

#[tokio::test]
async fn what_the_push_service_answers_is_understood() {
    let service = FakePushService::start().await;
    for (mood, verdict) in [
        (Mood::Gone, Verdict::Gone),
        (Mood::Refusing, Verdict::Refused),
        (Mood::Throttling, Verdict::Retry { after: Some(Duration::from_secs(FakeVendor::RETRY_AFTER)) }),
        (Mood::Broken, Verdict::Retry { after: None }),
    ] {
        service.be(mood);
        assert_eq!(deliver(&service, &message()).await.verdict, verdict, "{mood:?}");
    }
}
