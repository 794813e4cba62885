//! Certificates of receivers: a message goes, over every transport that speaks HTTPS, to nobody who cannot prove their name.

mod support;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use notify::guard::resolver::{Looking, Lookup};
use notify::standard_webhooks::new_secret;
use notify::web_push::VapidKey;
use notify::{Destination, GuardRules, Notifier, Outcome, Settings, Subscription, Verdict};
use notify_fakes::{Answer, FakePushService, FakeReceiver, Greeted, ROOT_PEM, TlsCertificate, TlsFront};
use support::{message, now, short};

/// Every name is this machine's.
struct Here;

impl Lookup for Here {
    fn lookup(&self, _name: String) -> Looking {
        Box::pin(async { Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]) })
    }
}

/// Whose word is taken.
#[derive(Clone, Copy)]
enum Trusted {
    OurRoot,
    Nobody,
}

fn notifier(port: u16, trusted: Trusted) -> Notifier {
    // What the operator names is looked up by the system, which knows this name alone.
    let operators = || format!("https://localhost:{port}").parse().expect("a URL");
    let gateway =
        || format!("twilio://SID:token@localhost:{port}?from=+15005550006").parse().expect("a gateway");
    let settings = Settings {
        sms: Some(gateway()),
        phone: Some(gateway()),
        telegram: operators(),
        pagerduty: operators(),
        vapid: Some(VapidKey::from_seed(&[3; 32], "mailto:ops@example.com".into()).expect("a key")),
        guard: GuardRules {
            allow_http: false,
            allow_networks: vec!["127.0.0.0/8".parse().expect("a network")],
        },
        bounds: short(),
        ..Settings::default()
    };
    let notifier = match trusted {
        Trusted::OurRoot => Notifier::trusting(settings, Arc::new(Here), ROOT_PEM.as_bytes()),
        Trusted::Nobody => Notifier::with_lookup(settings, Arc::new(Here)),
    };
    notifier.expect("settings")
}

/// Every transport that speaks HTTPS, each with the name that it asks for.
fn all(port: u16) -> Vec<(Destination, &'static str)> {
    let url = || format!("https://hooks.example.com:{port}/topic");
    let keys: serde_json::Value = serde_json::from_str(&FakePushService::keys_of_browser()).expect("JSON");
    let key = |name: &str| keys[name].as_str().expect("a key").to_owned();
    let number = || "+994551234567".to_owned();
    let push = Subscription { endpoint: url(), p256dh: key("p256dh"), auth: key("auth") };
    let peoples = [
        Destination::Webhook { url: url(), secrets: vec![new_secret([1; 32])] },
        Destination::Slack(url()),
        Destination::MsTeams(url()),
        Destination::Discord(url()),
        Destination::Ntfy(url()),
        Destination::Push(push),
    ];
    let operators = [
        Destination::Sms(number()),
        Destination::Phone(number()),
        Destination::Telegram { token: "123456:secret".into(), chat: "-100200300".into() },
        Destination::PagerDuty("0123456789abcdef0123456789abcdef".into()),
    ];
    let named = |name| move |to| (to, name);
    peoples
        .into_iter()
        .map(named("hooks.example.com"))
        .chain(operators.into_iter().map(named("localhost")))
        .collect()
}

async fn deliver(notifier: &Notifier, to: &Destination) -> Outcome {
    notifier.deliver(to, &message(), now()).await
}

/// Nobody behind this certificate is told anything, whatever goes there, and it is tried again later.
async fn is_told_nothing(certificate: TlsCertificate, trusted: Trusted) {
    let receiver = FakeReceiver::start().await;
    let front = TlsFront::before(receiver.address(), certificate).await;
    let notifier = notifier(front.port(), trusted);
    for (count, (to, _)) in all(front.port()).into_iter().enumerate() {
        let outcome = deliver(&notifier, &to).await;
        assert_eq!(outcome.verdict, Verdict::Retry { after: None }, "{to:?}: {outcome:?}");
        assert!(outcome.detail.ends_with(" could not be reached."), "{to:?}: {outcome:?}");
        assert_eq!((outcome.response_status, outcome.answer), (None, None), "{to:?}");
        // It came, saw, and left: nobody was passed over for another reason.
        assert_eq!(front.wait_for(count + 1).await.last(), Some(&Greeted::Refused), "{to:?}");
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn a_receiver_whose_certificate_nobody_vouches_for_is_told_nothing() {
    is_told_nothing(TlsCertificate::Good, Trusted::Nobody).await;
}

#[tokio::test]
async fn a_receiver_with_a_certificate_for_another_name_is_told_nothing() {
    is_told_nothing(TlsCertificate::OtherName, Trusted::OurRoot).await;
}

#[tokio::test]
async fn a_receiver_whose_certificate_has_expired_is_told_nothing() {
    is_told_nothing(TlsCertificate::Expired, Trusted::OurRoot).await;
}

#[tokio::test]
async fn a_receiver_that_proves_its_name_is_asked_for_by_it() {
    // A connection for each, so that each has to prove it anew.
    let answer = Answer::status(200).with_header("connection", "close");
    let receiver = FakeReceiver::answering(answer).await;
    let front = TlsFront::before(receiver.address(), TlsCertificate::Good).await;
    for (to, name) in all(front.port()) {
        let before = receiver.requests().len();
        let outcome = deliver(&notifier(front.port(), Trusted::OurRoot), &to).await;
        assert_eq!((outcome.verdict, outcome.response_status), (Verdict::Delivered, Some(200)), "{to:?}");
        let requests = receiver.requests().split_off(before);
        assert!(!requests.is_empty(), "{to:?}");
        for request in requests {
            assert_eq!(request.header("host"), Some(format!("{name}:{}", front.port()).as_str()), "{to:?}");
        }
        assert_eq!(front.wait_for(1).await.last(), Some(&Greeted::Named(Some(name.to_owned()))), "{to:?}");
    }
}
