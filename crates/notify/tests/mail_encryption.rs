//! Encryption of mail: used where it is offered, demanded where it is required, and never half.

mod support;

use notify::{Destination, Notifier, Outcome, Settings, SmtpServer, Verdict};
use notify_fakes::{FakeSmtp, ROOT_PEM, SmtpBehaviour, SmtpEncryption};
use support::{message, now};

/// The three ways of the setting, as scheme and query.
const WAYS: [(&str, &str); 3] = [("smtp", ""), ("smtp", "?tls=required"), ("smtps", "")];

/// A server that wants credentials.
async fn server(encryption: SmtpEncryption) -> FakeSmtp {
    let credentials = Some(("user".to_owned(), "password".to_owned()));
    FakeSmtp::with(SmtpBehaviour { credentials, encryption, ..SmtpBehaviour::default() }).await
}

async fn mail(server: &FakeSmtp, (scheme, query): (&str, &str), trusted: bool) -> Outcome {
    let url = format!("{scheme}://user:password@{}{query}", server.address());
    let setting: SmtpServer = url.parse().expect("the setting");
    let settings = Settings {
        smtp: Some(if trusted { setting.trusting(ROOT_PEM.as_bytes()) } else { setting }),
        mail_from: Some("rollcall@example.com".into()),
        bounds: support::short(),
        ..Settings::default()
    };
    let to = Destination::Email("ada@example.com".into());
    Notifier::new(settings).expect("settings").deliver(&to, &message(), now()).await
}

/// Neither credentials nor an envelope were told.
fn assert_told_nothing(server: &FakeSmtp) {
    let told = server.commands();
    let harmless = |line: &String| ["EHLO", "STARTTLS", "QUIT"].iter().any(|word| line.starts_with(word));
    assert!(told.iter().all(harmless), "{told:?}");
    assert!(server.messages().is_empty());
}

#[tokio::test]
async fn mail_goes_through_encryption_in_all_three_ways() {
    for (way, encryption) in
        WAYS.into_iter().zip([SmtpEncryption::StartTls, SmtpEncryption::StartTls, SmtpEncryption::Implicit])
    {
        let upgrades = encryption == SmtpEncryption::StartTls;
        let server = server(encryption).await;
        let outcome = mail(&server, way, true).await;
        assert_eq!((outcome.verdict, outcome.response_status), (Verdict::Delivered, Some(250)), "{way:?}");
        assert_eq!(server.messages().len(), 1);
        assert_eq!(server.commands().contains(&"STARTTLS".to_owned()), upgrades, "{way:?}");
    }
}

#[tokio::test]
async fn where_encryption_is_required_and_not_offered_neither_credentials_nor_mail_are_sent() {
    let server = server(SmtpEncryption::None).await;
    let outcome = mail(&server, ("smtp", "?tls=required"), true).await;
    assert_eq!(outcome.verdict, Verdict::Retry { after: None });
    assert_eq!(outcome.detail, "The mail server offers no encryption, which is required.");
    assert_told_nothing(&server);
}

#[tokio::test]
async fn encryption_that_is_offered_and_fails_is_not_gone_without() {
    for way in [("smtp", ""), ("smtp", "?tls=required")] {
        let server = server(SmtpEncryption::StartTlsBroken).await;
        let outcome = mail(&server, way, true).await;
        assert_eq!(outcome.detail, "No trustworthy encrypted connection to the mail server.", "{way:?}");
        assert_told_nothing(&server);
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_told_nothing() {
    for (way, encryption) in
        WAYS.into_iter().zip([SmtpEncryption::StartTls, SmtpEncryption::StartTls, SmtpEncryption::Implicit])
    {
        let server = server(encryption).await;
        let outcome = mail(&server, way, false).await;
        assert_eq!(outcome.detail, "No trustworthy encrypted connection to the mail server.", "{way:?}");
        assert_eq!(outcome.verdict, Verdict::Retry { after: None });
        assert_told_nothing(&server);
    }
}

#[tokio::test]
async fn plain_text_slipped_in_behind_starttls_never_becomes_a_reply() {
    for way in [("smtp", ""), ("smtp", "?tls=required")] {
        let injected = "250-evil.test\r\n250 AUTH PLAIN\r\n235 welcome\r\n".to_owned();
        let server = server(SmtpEncryption::StartTlsWithInjected(injected)).await;
        let outcome = mail(&server, way, true).await;
        assert_eq!(outcome.detail, "No trustworthy encrypted connection to the mail server.", "{way:?}");
        assert_told_nothing(&server);
    }
}
