//! The guard before every transport that goes to people's URLs: canaries behind each spelling stay untouched, and
//! whoever asks learns the same from every refusal.

mod support;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use notify::guard::resolver::{Looking, Lookup};
use notify::standard_webhooks::new_secret;
use notify::web_push::VapidKey;
use notify::{Destination, GuardRules, Notifier, Outcome, Settings, Subscription, Verdict};
use notify_fakes::{Answer, FakePushService, FakeReceiver};
use support::{message, now, short};

/// Every transport that takes a URL, each with this one.
fn all_to(url: &str) -> Vec<Destination> {
    let url = || url.to_owned();
    let keys: serde_json::Value = serde_json::from_str(&FakePushService::keys_of_browser()).expect("JSON");
    let key = |name: &str| keys[name].as_str().expect("a key").to_owned();
    vec![
        Destination::Webhook { url: url(), secrets: vec![new_secret([1; 32])] },
        Destination::Slack(url()),
        Destination::MsTeams(url()),
        Destination::Discord(url()),
        Destination::Ntfy(url()),
        Destination::Push(Subscription { endpoint: url(), p256dh: key("p256dh"), auth: key("auth") }),
    ]
}

/// Answers every name with the next of its answers, the last for ever.
struct Script {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Script {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let addresses = |list: &&[&str]| list.iter().map(|one| one.parse().expect("an address")).collect();
        Arc::new(Self { answers: answers.iter().map(addresses).collect(), asked: AtomicUsize::new(0) })
    }
}

impl Lookup for Script {
    fn lookup(&self, _name: String) -> Looking {
        let n = self.asked.fetch_add(1, Ordering::SeqCst).min(self.answers.len() - 1);
        let found = self.answers[n].clone();
        Box::pin(async move { Ok(found) })
    }
}

fn notifier(networks: &[&str], lookup: Arc<Script>) -> Notifier {
    let allow_networks = networks.iter().map(|network| network.parse().expect("a network")).collect();
    let guard = GuardRules { allow_http: true, allow_networks };
    let vapid = VapidKey::from_seed(&[3; 32], "mailto:ops@example.com".into()).expect("a key");
    let settings = Settings { guard, bounds: short(), vapid: Some(vapid), ..Settings::default() };
    Notifier::with_lookup(settings, lookup).expect("settings")
}

async fn deliver(notifier: &Notifier, to: &Destination) -> Outcome {
    Outcome { latency: Duration::ZERO, ..notifier.deliver(to, &message(), now()).await }
}

/// What lies behind each of these is this machine, or a form that might lead to it.
const HOSTS: [&str; 34] = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "0",
    "0.0.0.0",
    "%31%32%37.0.0.1",
    "１２７.０.０.１",
    "①②⑦.⓪.⓪.①",
    "127｡0｡0｡1",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::1]",
    "[fe80::1%25lo]",
    "localhost",
    "LOCALHOST.",
    "a.localhost",
    "ip6-localhost",
    "localhost.localdomain",
    "ｌｏｃａｌｈｏｓｔ",
    "user@127.0.0.1",
    "hooks.example.com@127.0.0.1",
];

#[tokio::test]
async fn no_spelling_of_this_machine_is_connected_to_by_any_transport_and_all_are_refused_alike() {
    let canary = FakeReceiver::start().await;
    let port = canary.address().port();
    let lookup = Script::new(&[&["127.0.0.1"]]);
    let notifier = notifier(&[], Arc::clone(&lookup));
    let mut refusals = Vec::new();
    for host in HOSTS {
        for to in all_to(&format!("http://{host}:{port}/topic")) {
            refusals.push((format!("{host} {to:?}"), deliver(&notifier, &to).await));
        }
    }
    // A public name that resolves to this machine is refused in the same words.
    for to in all_to(&format!("http://hooks.example.com:{port}/topic")) {
        refusals.push((format!("a name {to:?}"), deliver(&notifier, &to).await));
    }
    let expected = refusals[0].1.clone();
    assert_eq!(
        (&expected.verdict, expected.detail.as_str()),
        (&Verdict::Refused, "This destination is not allowed.")
    );
    for (what, outcome) in refusals {
        assert_eq!(outcome, expected, "{what}");
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn a_name_that_is_rebound_or_resolves_to_a_mix_reaches_nobody_else() {
    let canary = FakeReceiver::start().await;
    let port = canary.address().port();
    for to in all_to(&format!("http://hooks.example.com:{port}/topic")) {
        let mixed = Script::new(&[&["127.0.0.1", "10.0.0.1"]]);
        let refused = deliver(&notifier(&["127.0.0.0/8"], mixed), &to).await;
        assert_eq!(refused.detail, "This destination is not allowed.", "{to:?}");
    }
    assert_eq!(canary.connections(), 0);
    for to in all_to(&format!("http://hooks.example.com:{port}/topic")) {
        // Looked up once for each connection: what a second look-up would say is never asked for.
        let before = canary.connections();
        let rebound = Script::new(&[&["127.0.0.1"], &["127.0.0.2"]]);
        let notifier = notifier(&["127.0.0.1/32"], Arc::clone(&rebound));
        assert_eq!(deliver(&notifier, &to).await.verdict, Verdict::Delivered, "{to:?}");
        assert_eq!((rebound.asked.load(Ordering::SeqCst), canary.connections()), (1, before + 1), "{to:?}");
    }
}

#[tokio::test]
async fn no_transport_follows_a_redirect() {
    let canary = FakeReceiver::start().await;
    for status in [301, 302, 303, 307, 308] {
        let door =
            FakeReceiver::answering(Answer::status(status).with_header("location", &canary.url("/"))).await;
        let notifier = notifier(&["127.0.0.0/8"], Script::new(&[&["127.0.0.1"]]));
        for to in all_to(&door.url("/topic")) {
            let outcome = deliver(&notifier, &to).await;
            assert_eq!(
                (outcome.verdict, outcome.response_status),
                (Verdict::Refused, Some(status)),
                "{to:?}"
            );
        }
    }
    assert_eq!(canary.connections(), 0);
}
