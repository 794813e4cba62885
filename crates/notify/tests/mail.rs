//! Mail against a server that takes it, and against those that fail.

mod support;

use std::time::Duration;

use notify::{Bounds, Destination, Message, Notifier, Outcome, Settings, SettingsError, Verdict};
use notify_fakes::{FakeSmtp, SmtpBehaviour, SmtpFault};
use support::{message, now};

const TO: &str = "ada@example.com";

fn notifier(url: &str) -> Notifier {
    let settings = Settings {
        smtp: Some(url.parse().expect("the setting")),
        mail_from: Some("Röll Call <rollcall@bücher.example>".into()),
        bounds: Bounds { total: Duration::from_millis(1500), ..support::short() },
        ..Settings::default()
    };
    Notifier::new(settings).expect("settings")
}

async fn mail(url: &str, to: &str, message: &Message) -> Outcome {
    notifier(url).deliver(&Destination::Email(to.into()), message, now()).await
}

#[tokio::test]
async fn a_mail_arrives_with_its_headers_and_both_parts() {
    let server = FakeSmtp::start().await;
    let sent = Message {
        subject: "Grüße an Ada".into(),
        text: "Code 123456: grün\n.\n..dots\n".into(),
        ..message()
    };
    let outcome = mail(&server.url(), TO, &sent).await;
    assert_eq!((outcome.verdict, outcome.response_status), (Verdict::Delivered, Some(250)));
    assert_eq!(outcome.answer.as_deref(), Some("2.0.0 kept"));
    let [got] = &server.messages()[..] else { panic!("one mail") };
    assert_eq!(
        (got.from.as_str(), got.to.as_slice()),
        ("rollcall@xn--bcher-kva.example", &[TO.to_owned()][..])
    );
    assert_eq!(got.subject(), "Grüße an Ada");
    assert_eq!(got.header("From"), Some("Röll Call <rollcall@xn--bcher-kva.example>"));
    assert_eq!(got.header("To"), Some(TO));
    assert_eq!(got.header("Date"), Some("Tue, 24 Nov 2026 10:00:00 +0000"));
    assert_eq!(got.header("Message-ID"), Some("<msg-1@xn--bcher-kva.example>"));
    assert_eq!(got.header("Auto-Submitted"), Some("auto-generated"));
    assert_eq!(got.header("MIME-Version"), Some("1.0"));
    assert!(got.header("Content-Type").is_some_and(|kind| kind.starts_with("multipart/alternative")));
    assert_eq!(got.text.as_deref(), Some("Code 123456: grün\r\n.\r\n..dots\r\n"));
    assert_eq!(got.html, message().html);
    assert_eq!(got.code().as_deref(), Some("123456"));
    let names: Vec<_> = got.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len(), 8, "known headers and no others: {names:?}");
    assert!(got.raw.split(|octet| *octet == b'\n').all(|line| line.len() <= 998 && line.is_ascii()));
}

#[tokio::test]
async fn without_html_a_mail_is_plain_text() {
    let server = FakeSmtp::start().await;
    mail(&server.url(), TO, &Message { html: None, ..message() }).await;
    let [got] = &server.messages()[..] else { panic!("one mail") };
    assert_eq!((got.text.as_deref(), got.html.as_deref()), (Some("The code is 123456.\r\n"), None));
    assert!(got.header("Content-Type").is_some_and(|kind| kind.starts_with("text/plain")));
}

#[tokio::test]
async fn each_fault_means_what_its_code_says() {
    for (fault, verdict, status) in [
        (SmtpFault::GreetBusy, Verdict::Retry { after: None }, Some(421)),
        (SmtpFault::NoGreeting, Verdict::Retry { after: None }, None),
        (SmtpFault::RecipientLater, Verdict::Retry { after: None }, Some(451)),
        (SmtpFault::RecipientRefused, Verdict::Refused, Some(550)),
        (SmtpFault::HangAfterData, Verdict::Retry { after: None }, None),
        (SmtpFault::DropBeforeReply, Verdict::Retry { after: None }, None),
    ] {
        let server = FakeSmtp::with(SmtpBehaviour { fault: Some(fault), ..SmtpBehaviour::default() }).await;
        let outcome = mail(&server.url(), TO, &message()).await;
        assert_eq!((outcome.verdict, outcome.response_status), (verdict, status), "{fault:?}");
        assert!(outcome.latency < Duration::from_secs(8), "{fault:?}");
        assert!(server.messages().is_empty(), "{fault:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_kept_in_the_servers_words_without_the_address() {
    let server = FakeSmtp::start().await;
    server.fail(SmtpFault::RecipientRefused);
    let outcome = mail(&server.url(), TO, &message()).await;
    assert_eq!(outcome.answer.as_deref(), Some("5.1.1 <…>: no such user"));
    assert_eq!(outcome.detail, "The mail server refuses the message (code 550).");
}

#[tokio::test]
async fn a_server_that_is_away_is_tried_again() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for scheme in ["smtp", "smtps"] {
        let outcome = mail(&format!("{scheme}://{closed}"), TO, &message()).await;
        assert_eq!(outcome.verdict, Verdict::Retry { after: None });
        assert_eq!(outcome.detail, "The mail server could not be reached.", "{scheme}");
    }
}

#[tokio::test]
async fn a_connection_serves_several_mails_and_a_lost_one_is_replaced() {
    let server = FakeSmtp::start().await;
    let notifier = notifier(&server.url());
    let to = Destination::Email(TO.into());
    for _ in 0..3 {
        assert_eq!(notifier.deliver(&to, &message(), now()).await.verdict, Verdict::Delivered);
    }
    let greetings =
        |server: &FakeSmtp| server.commands().iter().filter(|line| line.starts_with("EHLO")).count();
    assert_eq!((greetings(&server), server.messages().len()), (1, 3));
    server.fail(SmtpFault::DropBeforeReply);
    assert_eq!(notifier.deliver(&to, &message(), now()).await.verdict, Verdict::Retry { after: None });
    server.fail(None);
    assert_eq!(notifier.deliver(&to, &message(), now()).await.verdict, Verdict::Delivered);
    assert_eq!((greetings(&server), server.messages().len()), (2, 4));
}

#[tokio::test]
async fn a_mail_that_was_cut_off_leaves_no_half_used_connection_behind() {
    let server = FakeSmtp::start().await;
    let notifier = notifier(&server.url());
    let to = Destination::Email(TO.into());
    server.fail(SmtpFault::HangAfterData);
    assert_eq!(
        notifier.deliver(&to, &message(), now()).await.detail,
        "The mail server did not answer in time."
    );
    server.fail(None);
    assert_eq!(notifier.deliver(&to, &message(), now()).await.verdict, Verdict::Delivered);
    assert_eq!(server.messages().len(), 1);
}

#[tokio::test]
async fn credentials_are_shown_to_who_asks_and_their_refusal_is_no_fault_of_the_recipient() {
    let credentials = Some(("user@x".to_owned(), "p:/ss".to_owned()));
    let server = FakeSmtp::with(SmtpBehaviour { credentials, ..SmtpBehaviour::default() }).await;
    let with = |userinfo: &str| format!("smtp://{userinfo}@{}", server.address());
    assert_eq!(mail(&with("user%40x:p%3A%2Fss"), TO, &message()).await.verdict, Verdict::Delivered);
    let outcome = mail(&with("user%40x:wr0ng-s3cret"), TO, &message()).await;
    assert_eq!(outcome.verdict, Verdict::Retry { after: None });
    assert!(!format!("{outcome:?}").contains("s3cret"));
    assert_eq!(server.messages().len(), 1);
}

#[tokio::test]
async fn an_internationalized_address_needs_a_server_that_takes_it() {
    let able = FakeSmtp::start().await;
    assert_eq!(mail(&able.url(), "дмитрий@почта.example", &message()).await.verdict, Verdict::Delivered);
    let [got] = &able.messages()[..] else { panic!("one mail") };
    assert_eq!(got.to, ["дмитрий@xn--80a1acny.example"]);
    assert_eq!(got.parameters, ["SMTPUTF8", "BODY=8BITMIME"]);

    let unable = FakeSmtp::with(SmtpBehaviour { smtputf8: false, ..SmtpBehaviour::default() }).await;
    let outcome = mail(&unable.url(), "дмитрий@example.com", &message()).await;
    assert_eq!(outcome.verdict, Verdict::Refused);
    assert_eq!(outcome.detail, "The mail server takes no internationalized addresses.");
    // An internationalized domain alone needs nothing special.
    assert_eq!(mail(&unable.url(), "ada@bücher.example", &message()).await.verdict, Verdict::Delivered);
}

#[tokio::test]
async fn nothing_that_becomes_a_header_or_a_command_can_break_out() {
    let server = FakeSmtp::start().await;
    for subject in ["a\r\nBcc: x@example.com", "a\nb", "a\0b", "a\rb"] {
        let outcome = mail(&server.url(), TO, &Message { subject: subject.into(), ..message() }).await;
        assert_eq!(outcome.verdict, Verdict::Refused, "{subject:?}");
    }
    for to in [
        "a@example.com\r\nDATA",
        "a@example.com>\r\nRCPT TO:<b@example.com",
        "a@example.com, b@example.com",
        "",
    ] {
        assert_eq!(mail(&server.url(), to, &message()).await.verdict, Verdict::Refused, "{to:?}");
    }
    assert!(server.commands().is_empty());
}

#[tokio::test]
async fn a_text_cannot_end_the_mail_and_smuggle_another() {
    let smuggle =
        "\nMAIL FROM:<evil@example.com>\nRCPT TO:<victim@example.com>\nDATA\nSubject: evil\n\nhi\n.\n";
    for end in ["\r\n.\r\n", "\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r.\r\n", "\n..\n"] {
        for html in [None, Some(format!("<p>{end}{smuggle}"))] {
            let server = FakeSmtp::start().await;
            let outcome =
                mail(&server.url(), TO, &Message { text: format!("hello{end}{smuggle}"), html, ..message() })
                    .await;
            assert_eq!(outcome.verdict, Verdict::Delivered, "{end:?}");
            let [got] = &server.messages()[..] else { panic!("one mail: {end:?}") };
            assert_eq!(got.to, [TO], "{end:?}");
            // Some servers end a line at a bare CR or LF: neither may be there.
            let bare = got.raw.iter().enumerate().any(|(at, octet)| match octet {
                b'\r' => got.raw.get(at + 1) != Some(&b'\n'),
                b'\n' => at == 0 || got.raw[at - 1] != b'\r',
                _ => false,
            });
            assert!(!bare, "{end:?}");
        }
    }
}

#[tokio::test]
async fn a_server_that_talks_nonsense_is_an_outcome_and_no_panic() {
    use tokio::io::AsyncWriteExt;
    for greeting in [
        "\0\0\0",
        "220",
        "220 x\r\n250-x\r\n250-   \r\n250 y\r\n",
        "999 ?\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
        "\r\n",
    ] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _written = stream.write_all(greeting.as_bytes()).await;
            let _ended = stream.shutdown().await;
            let _read = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
        });
        let outcome = mail(&format!("smtp://{address}"), TO, &message()).await;
        assert_eq!(outcome.verdict, Verdict::Retry { after: None }, "{greeting:?}");
        serving.abort();
    }
}

#[tokio::test]
async fn mail_needs_a_sender() {
    let with = |mail_from: Option<&str>| {
        let smtp = Some("smtp://localhost:25".parse().expect("the setting"));
        let settings = Settings { smtp, mail_from: mail_from.map(str::to_owned), ..Settings::default() };
        Notifier::new(settings).err()
    };
    assert_eq!(with(None), Some(SettingsError::MailFromMissing));
    assert_eq!(with(Some("nobody")), Some(SettingsError::MailFromMalformed));
    assert_eq!(with(Some("Rollcall <rollcall@example.com>")), None);
}
