//! What we send, judged by the libraries that receivers use: Standard Webhooks and encrypted content of npm and `PyPI`.

#[expect(dead_code, reason = "these messages are of this minute, not of the time of the others")]
mod support;

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use notify::standard_webhooks::new_secret;
use notify::web_push::VapidKey;
use notify::{Destination, GuardRules, Notifier, Settings, Subscription, Verdict};
use notify_fakes::{FakePushService, FakeReceiver};
use serde_json::{Value, json};
use support::{message, short};

/// A delivered webhook as the libraries take it.
fn webhook(request: &notify_fakes::Request, secret: &str) -> Value {
    let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"]
        .map(|name| (name.to_owned(), json!(request.header(name).expect("a signed webhook"))));
    json!({"secret": secret, "headers": Value::Object(headers.into_iter().collect()), "body": request.text()})
}

/// The same with one thing changed.
fn changed(webhook: &Value, pointer: &str, value: &str) -> Value {
    let mut webhook = webhook.clone();
    *webhook.pointer_mut(pointer).expect("it is there") = value.into();
    webhook
}

/// Delivers a webhook signed with two secrets and a push message, and makes the questions of them.
async fn questions() -> Value {
    let (receiver, service) = (FakeReceiver::start().await, FakePushService::start().await);
    let guard =
        GuardRules { allow_http: true, allow_networks: vec!["127.0.0.0/8".parse().expect("a network")] };
    let vapid = VapidKey::from_seed(&[3; 32], "mailto:ops@example.com".into()).expect("a key");
    let settings = Settings { guard, bounds: short(), vapid: Some(vapid), ..Settings::default() };
    let notifier = Notifier::new(settings).expect("settings");
    let [old, new, other] = [[1; 32], [2; 32], [3; 32]].map(new_secret);
    let subscription: Value = serde_json::from_str(&service.subscription(1)).expect("JSON");
    let field =
        |pointer: &str| subscription.pointer(pointer).and_then(Value::as_str).expect("a text").to_owned();
    let to_browser = Destination::Push(Subscription {
        endpoint: field("/endpoint"),
        p256dh: field("/keys/p256dh"),
        auth: field("/keys/auth"),
    });
    let to_server = Destination::Webhook { url: receiver.url("/"), secrets: vec![new.clone(), old.clone()] };
    #[expect(clippy::disallowed_methods, reason = "the libraries refuse what is not of this minute")]
    let now = jiff::Timestamp::now();
    for destination in [to_server, to_browser] {
        assert_eq!(notifier.deliver(&destination, &message(), now).await.verdict, Verdict::Delivered);
    }
    let request = &receiver.requests()[0];
    let right = webhook(request, &new);
    let late = (now.as_second() + 1).to_string();
    let webhooks = json!([
        right,
        webhook(request, &old),
        webhook(request, &other),
        changed(&right, "/body", &request.text().replace("123456", "654321")),
        changed(&right, "/headers/webhook-id", "msg-2"),
        changed(&right, "/headers/webhook-timestamp", &late),
    ]);
    let (private_key, auth) = FakePushService::keys();
    let body = URL_SAFE_NO_PAD.encode(&service.wait_for(1).await[0].request.body);
    json!({"webhooks": webhooks, "push": {"private_key": private_key, "auth": auth, "body": body}})
}

/// Asks a program that reads JSON and answers with JSON.
fn ask(program: &Path, script: &str, questions: &Value) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside");
    let mut asked = Command::new(program)
        .arg(folder.join(script))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}; scripts/test installs it", program.display()));
    let mut input = asked.stdin.take().expect("its input is ours");
    input.write_all(questions.to_string().as_bytes()).expect("it reads");
    drop(input);
    let said = asked.wait_with_output().expect("it ends");
    assert!(said.status.success(), "{script} failed: scripts/test installs what it needs");
    serde_json::from_slice(&said.stdout).expect("JSON")
}

fn agrees(said: &Value) {
    assert_eq!(said["webhooks"], json!([true, true, false, false, false, false]));
    let push: Value = serde_json::from_str(said["push"].as_str().expect("a text")).expect("JSON");
    assert_eq!(push["notification"]["title"], "Your code");
    assert!(push["notification"]["body"].as_str().is_some_and(|body| body.starts_with("123456")), "{push}");
}

#[tokio::test]
async fn the_libraries_of_npm_verify_our_webhooks_and_decrypt_our_push_messages() {
    agrees(&ask(Path::new("node"), "verify.js", &questions().await));
}

#[tokio::test]
async fn the_libraries_of_pypi_verify_our_webhooks_and_decrypt_our_push_messages() {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/outside/bin/python");
    agrees(&ask(&python, "verify.py", &questions().await));
}
