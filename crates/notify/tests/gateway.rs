//! Text messages and calls against a gateway that speaks as the vendor does.

mod support;

use std::time::Duration;

use notify::{Destination, Message, Notifier, Outcome, Settings, Transport, Verdict};
use notify_fakes::{FakeTwilio, TwilioFault};
use support::{message, now};

const FROM: &str = "+15550001111";
const TO: &str = "+15550002222";

fn notifier(gateway: &FakeTwilio) -> Notifier {
    let account = gateway.url(FROM).parse().expect("the setting");
    let bounds = support::short();
    let settings = Settings { sms: Some(account), bounds, ..Settings::default() };
    let phone = settings.sms.clone();
    Notifier::new(Settings { phone, ..settings }).expect("settings")
}

async fn text(gateway: &FakeTwilio) -> Outcome {
    notifier(gateway).deliver(&Destination::Sms(TO.into()), &message(), now()).await
}

#[tokio::test]
async fn a_text_message_is_ordered_and_its_answer_kept_without_its_text() {
    let gateway = FakeTwilio::start().await;
    let outcome = text(&gateway).await;
    assert_eq!((outcome.verdict, outcome.response_status), (Verdict::Delivered, Some(201)));
    assert_eq!(outcome.answer.as_deref(), Some("SM00000000000000000000000000000003 queued"));
    let [order] = &gateway.requests()[..] else { panic!("one order") };
    assert_eq!((order.to.as_str(), order.from.as_str()), (TO, FROM));
    assert_eq!(order.body.as_deref(), Some("Rollcall code: 123456"));
    assert_eq!(order.twiml, None);
    assert!(order.auth.as_deref().is_some_and(|auth| auth.ends_with(":fake-gateway-token")));
}

#[tokio::test]
async fn a_call_says_the_code_first_and_everything_twice() {
    let gateway = FakeTwilio::start().await;
    let spoken =
        Message { spoken: "Rock & roll: your code is 907856. It lasts 10 minutes.".into(), ..message() };
    let outcome = notifier(&gateway).deliver(&Destination::Phone(TO.into()), &spoken, now()).await;
    assert_eq!((outcome.verdict, outcome.response_status), (Verdict::Delivered, Some(201)));
    let [order] = &gateway.requests()[..] else { panic!("one order") };
    assert_eq!((order.body.as_deref(), order.code().as_str()), (None, "907856"));
    let twiml = order.twiml.as_deref().expect("inline XML");
    assert_eq!(twiml.matches("<Say>Rock &amp; roll: your code is 9, 0, 7, 8, 5, 6.").count(), 2);
}

#[tokio::test]
async fn each_fault_means_what_the_vendor_says() {
    let gateway = FakeTwilio::start().await;
    for (fault, verdict, status) in [
        (TwilioFault::InvalidTo, Verdict::Refused, 400),
        (TwilioFault::Unsubscribed, Verdict::Gone, 400),
        (TwilioFault::TooManyRequests, Verdict::Retry { after: None }, 429),
        (TwilioFault::ServerError, Verdict::Retry { after: None }, 500),
    ] {
        gateway.fail(fault);
        let outcome = text(&gateway).await;
        assert_eq!((outcome.verdict, outcome.response_status), (verdict, Some(status)), "{fault:?}");
    }
    gateway.fail(None);
    assert_eq!(text(&gateway).await.verdict, Verdict::Delivered);
}

#[tokio::test]
async fn a_refusal_is_kept_with_code_and_words_but_not_the_number() {
    let gateway = FakeTwilio::start().await;
    gateway.fail(TwilioFault::InvalidTo);
    let answer = text(&gateway).await.answer.expect("words");
    assert_eq!(answer, "21211 The 'To' number … is not a valid phone number.");
}

#[tokio::test]
async fn a_gateway_that_hangs_or_is_away_is_tried_again() {
    let gateway = FakeTwilio::start().await;
    gateway.fail(TwilioFault::Hang);
    let outcome = text(&gateway).await;
    assert_eq!(outcome.verdict, Verdict::Retry { after: None });
    assert!(outcome.latency < Duration::from_secs(5));
    let away = notifier(&gateway);
    drop(gateway);
    let outcome = away.deliver(&Destination::Sms(TO.into()), &message(), now()).await;
    assert_eq!((outcome.verdict, outcome.response_status), (Verdict::Retry { after: None }, None));
}

#[tokio::test]
async fn wrong_credentials_are_tried_again_and_not_told() {
    let gateway = FakeTwilio::start().await;
    let account = gateway.url(FROM).replace("fake-gateway-token", "s3cret-token").parse().unwrap();
    let settings = Settings { sms: Some(account), bounds: support::short(), ..Settings::default() };
    let outcome =
        Notifier::new(settings).unwrap().deliver(&Destination::Sms(TO.into()), &message(), now()).await;
    assert_eq!(
        (outcome.verdict.clone(), outcome.response_status),
        (Verdict::Retry { after: None }, Some(401))
    );
    assert!(!format!("{outcome:?}").contains("s3cret"));
}

#[tokio::test]
async fn what_is_not_set_up_cannot_be_sent() {
    let gateway = FakeTwilio::start().await;
    let all = notifier(&gateway);
    assert!(
        all.can_send(Transport::Sms) && all.can_send(Transport::Phone) && all.can_send(Transport::Webhook)
    );
    let none = Notifier::new(Settings::default()).unwrap();
    for destination in
        [Destination::Sms(TO.into()), Destination::Phone(TO.into()), Destination::Email("a@b.example".into())]
    {
        assert!(!none.can_send(destination.transport()));
        assert_eq!(none.deliver(&destination, &message(), now()).await.verdict, Verdict::Refused);
    }
}
