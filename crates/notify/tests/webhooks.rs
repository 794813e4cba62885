//! Webhooks against a receiver that behaves well, and against the zoo of those that do not.

mod support;

use std::time::{Duration, Instant};

use notify::standard_webhooks::{new_secret, sign};
use notify::{Bounds, Destination, GuardRules, Notifier, Outcome, Settings, Verdict};
use notify_fakes::{Answer, FakeReceiver};
use support::{message, now, short};

/// Webhooks to loopback by plain HTTP, within short bounds.
fn loopback() -> Settings {
    let guard =
        GuardRules { allow_http: true, allow_networks: vec!["127.0.0.0/8".parse().expect("a network")] };
    Settings { guard, bounds: short(), ..Settings::default() }
}

fn to(url: String) -> Destination {
    Destination::Webhook { url, secrets: vec![new_secret([1; 32])] }
}

async fn deliver_with(settings: Settings, url: String) -> Outcome {
    Notifier::new(settings).expect("settings").deliver(&to(url), &message(), now()).await
}

/// What becomes of a delivery to a receiver that gives this answer.
async fn answered(answer: Answer) -> Outcome {
    let receiver = FakeReceiver::answering(answer).await;
    deliver_with(loopback(), receiver.url("/hook")).await
}

#[tokio::test]
async fn the_event_arrives_byte_by_byte_with_its_headers() {
    let receiver = FakeReceiver::answering(Answer::text(200, "thanks")).await;
    let outcome = deliver_with(loopback(), receiver.url("/hook?x=1")).await;
    assert_eq!((outcome.verdict, outcome.response_status), (Verdict::Delivered, Some(200)));
    assert_eq!(outcome.answer.as_deref(), Some("thanks"));
    let [request] = &receiver.requests()[..] else { panic!("one request") };
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/hook?x=1"));
    assert_eq!(request.text(), message().event);
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("user-agent"), Some(concat!("Rollcall/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(request.header("webhook-id"), Some("msg-1"));
    assert_eq!(request.header("webhook-timestamp"), Some(now().as_second().to_string().as_str()));
    let expected = sign(&new_secret([1; 32]), "msg-1", now(), &message().event).unwrap();
    assert_eq!(request.header("webhook-signature"), Some(expected.as_str()));
    assert_eq!(request.header("accept-encoding"), None);
    assert_eq!(request.header("referer"), None);
}

#[tokio::test]
async fn during_a_rotation_both_secrets_sign() {
    let receiver = FakeReceiver::start().await;
    let secrets = vec![new_secret([1; 32]), new_secret([2; 32])];
    let destination = Destination::Webhook { url: receiver.url("/"), secrets: secrets.clone() };
    Notifier::new(loopback()).unwrap().deliver(&destination, &message(), now()).await;
    let signatures: Vec<_> =
        secrets.iter().map(|secret| sign(secret, "msg-1", now(), &message().event).unwrap()).collect();
    assert_eq!(receiver.requests()[0].header("webhook-signature"), Some(signatures.join(" ").as_str()));
}

#[tokio::test]
async fn without_a_proper_secret_or_id_nothing_is_sent() {
    let receiver = FakeReceiver::start().await;
    let notifier = Notifier::new(loopback()).unwrap();
    for secrets in [vec![], vec!["whsec_short".to_owned()], vec![new_secret([1; 32]), String::new()]] {
        let destination = Destination::Webhook { url: receiver.url("/"), secrets };
        assert_eq!(notifier.deliver(&destination, &message(), now()).await.verdict, Verdict::Refused);
    }
    let dotted = notify::Message { id: "a.b".into(), ..message() };
    assert_eq!(notifier.deliver(&to(receiver.url("/")), &dotted, now()).await.verdict, Verdict::Refused);
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn each_status_means_what_the_contract_says() {
    let again = Verdict::Retry { after: None };
    for (status, verdict) in [
        (200, Verdict::Delivered),
        (204, Verdict::Delivered),
        (304, Verdict::Refused),
        (400, Verdict::Refused),
        (404, Verdict::Refused),
        (408, again.clone()),
        (410, Verdict::Gone),
        (425, again.clone()),
        (429, again.clone()),
        (500, again.clone()),
        (503, again.clone()),
    ] {
        let outcome = answered(Answer::status(status)).await;
        assert_eq!((outcome.verdict, outcome.response_status), (verdict, Some(status)));
        assert_eq!(outcome.answer, None);
    }
}

#[tokio::test]
async fn a_receiver_that_recovers_gets_the_same_id_again() {
    let receiver = FakeReceiver::start().await;
    receiver.script([Answer::status(500)]);
    let notifier = Notifier::new(loopback()).unwrap();
    let later = now() + jiff::SignedDuration::from_secs(5);
    let first = notifier.deliver(&to(receiver.url("/")), &message(), now()).await;
    let second = notifier.deliver(&to(receiver.url("/")), &message(), later).await;
    assert_eq!((first.verdict, second.verdict), (Verdict::Retry { after: None }, Verdict::Delivered));
    let requests = receiver.wait_for(2).await;
    assert_eq!(requests[0].header("webhook-id"), requests[1].header("webhook-id"));
    assert_ne!(requests[0].header("webhook-timestamp"), requests[1].header("webhook-timestamp"));
    assert_ne!(requests[0].header("webhook-signature"), requests[1].header("webhook-signature"));
}

#[tokio::test]
async fn retry_after_is_passed_on_in_both_forms() {
    for said in ["90", "Tue, 24 Nov 2026 10:01:30 GMT"] {
        let outcome = answered(Answer::too_many(said)).await;
        assert_eq!(outcome.verdict, Verdict::Retry { after: Some(Duration::from_secs(90)) }, "{said}");
    }
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let canary = FakeReceiver::start().await;
    for status in [301, 302, 303, 307, 308] {
        let outcome = answered(Answer::status(status).with_header("location", &canary.url("/"))).await;
        assert_eq!((outcome.verdict, outcome.response_status), (Verdict::Refused, Some(status)));
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn a_receiver_that_gives_no_status_in_time_is_tried_again() {
    for answer in [Answer::Hang, Answer::DripHeaders] {
        let start = Instant::now();
        let outcome = answered(answer).await;
        assert_eq!((outcome.verdict, outcome.response_status), (Verdict::Retry { after: None }, None));
        assert_eq!(outcome.detail, "The receiver did not answer in time.");
        assert!(outcome.latency >= Duration::from_millis(2900) && start.elapsed() < Duration::from_secs(10));
    }
}

#[tokio::test]
async fn a_receiver_that_breaks_off_or_talks_nonsense_is_tried_again() {
    for answer in [Answer::EndlessHeaders, Answer::Reset, Answer::Garbage] {
        let outcome = answered(answer.clone()).await;
        assert_eq!(
            (outcome.verdict, outcome.response_status),
            (Verdict::Retry { after: None }, None),
            "{answer:?}"
        );
        assert_eq!(outcome.detail, "The receiver broke off before it answered.", "{answer:?}");
    }
}

#[tokio::test]
async fn a_status_counts_however_the_body_goes_on() {
    for answer in [Answer::Drip, Answer::Gigabyte, Answer::ResetMidBody] {
        let start = Instant::now();
        let outcome = answered(answer.clone()).await;
        assert_eq!((outcome.verdict, outcome.response_status), (Verdict::Delivered, Some(200)), "{answer:?}");
        assert!(start.elapsed() < Duration::from_secs(10), "{answer:?}");
        assert!(outcome.answer.is_none_or(|said| said.chars().count() <= 500), "{answer:?}");
    }
}

#[tokio::test]
async fn no_more_of_an_answer_is_read_than_the_bound() {
    let settings = Settings { bounds: Bounds { answer_bytes: 10, ..short() }, ..loopback() };
    let receiver = FakeReceiver::answering(Answer::text(200, &"x".repeat(100))).await;
    let outcome = deliver_with(settings, receiver.url("/")).await;
    assert_eq!(outcome.answer, Some("x".repeat(10)));
}

#[tokio::test]
async fn reading_ends_at_the_bound_and_waits_for_nothing_beyond_it() {
    let long = Duration::from_mins(1);
    let bounds = Bounds { answer_bytes: 1, answer: long, total: long, ..short() };
    // One octet at once, the next after a second: whoever waits for the next is caught by the clock.
    let receiver = FakeReceiver::answering(Answer::Drip).await;
    let outcome = deliver_with(Settings { bounds, ..loopback() }, receiver.url("/")).await;
    assert_eq!((outcome.verdict, outcome.answer.as_deref()), (Verdict::Delivered, Some("x")));
    assert!(outcome.latency < long / 4);
}

#[tokio::test]
async fn a_kept_answer_holds_no_secret_code_or_path() {
    let secret = new_secret([1; 32]);
    let echo = format!("a\nb {secret} {} 123456 /hook/T0/s3cret?k=v", &secret[6..]);
    let receiver = FakeReceiver::answering(Answer::text(400, &echo)).await;
    let outcome = deliver_with(loopback(), receiver.url("/hook/T0/s3cret?k=v")).await;
    assert_eq!(outcome.answer.as_deref(), Some("a b … … … …"));
}

#[tokio::test]
async fn every_way_of_not_connecting_looks_the_same() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let plain = FakeReceiver::start().await;
    let urls = [
        format!("http://{closed}/"),
        format!("https://{closed}/"),
        // An open port that speaks no TLS.
        format!("https://{}/", plain.address()),
        "https://does-not-exist.invalid/".to_owned(),
    ];
    for url in urls {
        let outcome = deliver_with(loopback(), url.clone()).await;
        assert_eq!(outcome.detail, "The receiver could not be reached.", "{url}");
        assert_eq!((outcome.verdict, outcome.response_status), (Verdict::Retry { after: None }, None));
        assert_eq!(outcome.answer, None);
    }
}
