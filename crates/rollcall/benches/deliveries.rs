//! Figures of deliveries, by the real program in a process of its own: `just bench-deliveries`.
//!
//! Receivers and client share the machine with the program, so that each figure is a lower bound of what it does alone.

#[path = "../tests/process/mod.rs"]
mod process;

use std::time::{Duration, Instant};

use notify_fakes::{Answer, FakeReceiver, FakeSmtp};
use process::{Folder, PASSWORD, Program};
use serde_json::{Value, json};

/// Channels of the team that is sent to: one notification makes as many deliveries.
const CHANNELS: u32 = 100;

/// A program with one customer and a team.
struct Bench {
    program: Program,
    smtp: FakeSmtp,
    token: String,
    me: String,
    team: String,
    // Goes with the rest.
    _folder: Folder,
}

#[tokio::main]
async fn main() {
    throughput().await;
    first_byte().await;
    memory().await;
    isolation().await;
}

impl Bench {
    async fn start() -> Self {
        let (folder, smtp) = (Folder::new(), FakeSmtp::start().await);
        let url = smtp.url();
        let program = folder.serve(&[
            ("ROLLCALL_WEBHOOK_ALLOW_HTTP", "true"),
            ("ROLLCALL_OUTBOUND_ALLOW", "127.0.0.0/8"),
            ("ROLLCALL_RATE_LIMITS", "off"),
            ("ROLLCALL_LOG", "error"),
            ("ROLLCALL_MAIL_FROM", "Rollcall <rollcall@example.com>"),
            ("ROLLCALL_SMTP_URL", &url),
        ]);
        let account =
            json!({"name": "Ann", "surname": "Lee", "email": "ann@example.com", "password": PASSWORD});
        program.send("POST", "/v1/account", "", &account, 201).await;
        let code = smtp.wait_for(|_| true).await.code().expect("a code");
        let proof = json!({"email": "ann@example.com", "confirmation_code": code});
        program.send("PATCH", "/v1/account", "", &proof, 200).await;
        let token = program.sign_in("ann@example.com").await;
        let me = program.send("GET", "/v1/customer", &token, &Value::Null, 200).await;
        let me = format!("/v1/customer/{}", me["customer_id"].as_str().expect("an id"));
        let team = program.send("POST", "/v1/team", &token, &json!({"name": "Ops"}), 201).await;
        let team = format!("/v1/team/{}", team["team"]["team_id"].as_str().expect("an id"));
        Self { program, smtp, token, me, team, _folder: folder }
    }

    /// A verified channel; gives its priority.
    async fn channel(&self, owner: &str, kind: &str, value: &str, code: impl AsyncFnOnce() -> String) {
        let path = format!("{owner}/notification-channel");
        let body = json!({"type": kind, "value": value});
        let added = self.program.send("POST", &path, &self.token, &body, 201).await;
        let priority = added["notification_channel"]["priority"].clone();
        let proof = json!({"priority": priority, "code": code().await});
        self.program.send("PATCH", &format!("{path}/verification"), &self.token, &proof, 200).await;
    }

    async fn webhook(&self, owner: &str, receiver: &FakeReceiver, path: &str) {
        self.channel(owner, "webhook", &receiver.url(path), async || {
            let sent = receiver.wait_for_one(|request| request.path == path).await;
            sent.json()["data"]["code"].as_str().expect("a code").to_owned()
        })
        .await;
    }

    async fn notify(&self, owner: &str) -> Instant {
        let body = json!({"title": "Down", "body": "Since noon.", "severity": "critical"});
        self.program.send("POST", &format!("{owner}/notification"), &self.token, &body, 202).await;
        Instant::now()
    }

    /// A team with many channels at one receiver.
    async fn crowd(&self, receiver: &FakeReceiver) {
        for number in 0..CHANNELS {
            self.webhook(&self.team, receiver, &format!("/{number}")).await;
        }
    }
}

async fn throughput() {
    let (bench, receiver) = (Bench::start().await, FakeReceiver::start().await);
    bench.crowd(&receiver).await;
    let notifications = 100;
    let begun = Instant::now();
    for _ in 0..notifications {
        bench.notify(&bench.team).await;
    }
    let all = CHANNELS * (notifications + 1);
    while receiver.requests().len() < all as usize {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let last = receiver.requests().last().map_or(begun, |request| request.arrived);
    let rate = f64::from(CHANNELS * notifications) / last.duration_since(begun).as_secs_f64();
    println!("deliveries per second, {} to one fast receiver: {rate:.0}", CHANNELS * notifications);
}

async fn first_byte() {
    let (bench, receiver) = (Bench::start().await, FakeReceiver::start().await);
    bench.webhook(&bench.me, &receiver, "/hook").await;
    let mut times = Vec::new();
    for number in 0..500 {
        let answered = bench.notify(&bench.me).await;
        let requests = receiver.wait_for(number + 2).await;
        times.push(requests[number + 1].arrived.saturating_duration_since(answered));
    }
    print("from the answer to the request at the receiver", times);
}

async fn memory() {
    let (bench, receiver) = (Bench::start().await, FakeReceiver::start().await);
    bench.crowd(&receiver).await;
    let before = bench.program.resident_megabytes();
    receiver.always(Answer::Hang);
    for _ in 0..100_000 / CHANNELS {
        bench.notify(&bench.team).await;
    }
    let after = bench.program.resident_megabytes();
    println!("memory: {before:.1} MB, with 100,000 deliveries waiting {after:.1} MB");
}

async fn isolation() {
    let bench = Bench::start().await;
    let address = "ops@example.net";
    bench
        .channel(&bench.me, "email", address, async || {
            let mail = bench.smtp.wait_for(|mail| mail.to == [address]).await;
            mail.code().expect("a code")
        })
        .await;
    print("an e-mail alone", mails(&bench).await);
    let hanging = FakeReceiver::answering(Answer::Hang).await;
    for number in 0..CHANNELS {
        let body = json!({"type": "webhook", "value": hanging.url(&format!("/{number}"))});
        let path = format!("{}/notification-channel", bench.team);
        bench.program.send("POST", &path, &bench.token, &body, 201).await;
    }
    print("an e-mail beside 100 webhooks that hang", mails(&bench).await);
}

/// How long mails take from the answer to the mail server.
async fn mails(bench: &Bench) -> Vec<Duration> {
    let mut times = Vec::new();
    for _ in 0..100 {
        let before = bench.smtp.messages().len();
        let answered = bench.notify(&bench.me).await;
        bench.smtp.wait_for_count(before + 1).await;
        times.push(answered.elapsed());
    }
    times
}

fn print(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1e3;
    println!("{what}: median {:.2} ms, p99 {:.2} ms", at(50), at(99));
}
