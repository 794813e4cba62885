//! The guard at the time of sending: what names resolve to decides, and nothing else is connected to.

mod support;

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use notify::guard::resolver::{Looking, Lookup};
use notify::standard_webhooks::new_secret;
use notify::{Destination, GuardRules, Notifier, Outcome, Settings, Verdict};
use notify_fakes::FakeReceiver;
use support::{message, now};

/// Answers each look-up with the next of its answers, the last for ever.
struct Script {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Script {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parse =
            |list: &&[&str]| list.iter().map(|address| address.parse().expect("an address")).collect();
        Arc::new(Self { answers: answers.iter().map(parse).collect(), asked: AtomicUsize::new(0) })
    }
}

impl Lookup for Script {
    fn lookup(&self, _name: String) -> Looking {
        let n = self.asked.fetch_add(1, Ordering::SeqCst).min(self.answers.len() - 1);
        let found = self.answers[n].clone();
        Box::pin(
            async move { if found.is_empty() { Err(io::Error::other("no such name")) } else { Ok(found) } },
        )
    }
}

fn rules(networks: &[&str]) -> GuardRules {
    let allow_networks = networks.iter().map(|net| net.parse().expect("a network")).collect();
    GuardRules { allow_http: true, allow_networks }
}

async fn deliver(rules: GuardRules, lookup: Arc<Script>, url: &str) -> Outcome {
    let settings = Settings { guard: rules, bounds: support::short(), ..Settings::default() };
    let destination = Destination::Webhook { url: url.to_owned(), secrets: vec![new_secret([1; 32])] };
    Notifier::with_lookup(settings, lookup).expect("settings").deliver(&destination, &message(), now()).await
}

fn assert_not_allowed(outcome: &Outcome, what: &str) {
    assert_eq!(outcome.verdict, Verdict::Refused, "{what}");
    assert_eq!(outcome.detail, "This destination is not allowed.", "{what}");
    assert_eq!((outcome.response_status, outcome.answer.as_deref()), (None, None), "{what}");
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_and_nothing_is_connected_to() {
    let canary = FakeReceiver::start().await;
    let url = format!("http://hooks.example.com:{}/", canary.address().port());
    for answer in
        ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "169.254.169.254", "fd00::1", "64:ff9b::7f00:1"]
    {
        let outcome = deliver(rules(&[]), Script::new(&[&[answer]]), &url).await;
        assert_not_allowed(&outcome, answer);
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn one_forbidden_address_among_good_ones_refuses_them_all() {
    let canary = FakeReceiver::start().await;
    let url = format!("http://hooks.example.com:{}/", canary.address().port());
    for mixed in [["127.0.0.1", "10.0.0.1"], ["10.0.0.1", "127.0.0.1"], ["127.0.0.1", "::1"]] {
        let outcome = deliver(rules(&["127.0.0.0/8"]), Script::new(&[&mixed]), &url).await;
        assert_not_allowed(&outcome, mixed[1]);
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn the_address_that_was_checked_is_the_one_connected_to() {
    let receiver = FakeReceiver::start().await;
    let port = receiver.address().port();
    // A second look-up would lead elsewhere: there must be none.
    let rebinding = Script::new(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let url = format!("http://hooks.example.com:{port}/");
    let outcome = deliver(rules(&["127.0.0.1/32"]), Arc::clone(&rebinding) as _, &url).await;
    assert_eq!(outcome.verdict, Verdict::Delivered);
    assert_eq!(rebinding.asked.load(Ordering::SeqCst), 1);
    let host = receiver.requests()[0].header("host").map(str::to_owned);
    assert_eq!(host, Some(format!("hooks.example.com:{port}")));
    // The next connection is checked anew.
    let outcome = deliver(rules(&["127.0.0.1/32"]), Arc::clone(&rebinding) as _, &url).await;
    assert_not_allowed(&outcome, "rebound");
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn a_literal_is_checked_at_each_attempt_though_no_name_is_looked_up() {
    let canary = FakeReceiver::start().await;
    let port = canary.address().port();
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "[::ffff:127.0.0.1]",
        "[::1]",
        "localhost",
    ] {
        // The look-up would say "public": a literal must not even get there.
        let lookup = Script::new(&[&["93.184.216.34"]]);
        let outcome = deliver(rules(&[]), Arc::clone(&lookup), &format!("http://{host}:{port}/")).await;
        assert_not_allowed(&outcome, host);
        assert_eq!(lookup.asked.load(Ordering::SeqCst), 0, "{host}");
    }
    assert_eq!(canary.connections(), 0);
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_tried_again() {
    let outcome = deliver(rules(&[]), Script::new(&[&[]]), "http://hooks.example.com/").await;
    assert_eq!(outcome.verdict, Verdict::Retry { after: None });
    assert_eq!(outcome.detail, "The receiver could not be reached.");
}

#[tokio::test]
async fn https_alone_is_sent_to_unless_http_is_allowed() {
    let canary = FakeReceiver::start().await;
    let strict = GuardRules { allow_http: false, ..rules(&["127.0.0.0/8"]) };
    assert_not_allowed(&deliver(strict, Script::new(&[&["127.0.0.1"]]), &canary.url("/")).await, "http");
    assert_eq!(canary.connections(), 0);
}
