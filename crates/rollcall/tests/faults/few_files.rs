//! Few files may be open: clients wait or are shed, everybody who is in goes on, and nothing else runs out of files.

use std::time::{Duration, Instant};

use notify_fakes::FakeReceiver;
use rusqlite::Connection;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::ledger::texts;
use crate::process::{Folder, Program};
use crate::scene::{SETTINGS, Scene, end, run, trials};
use crate::wire::{Fate, Wire, post};

const FILES: usize = 64;
const CROWD: usize = 300;
const SOON: Duration = Duration::from_secs(5);

/// A server whose shell has set a limit before.
pub(crate) fn limited(folder: &Folder, limit: &str, settings: &[(&str, &str)]) -> Program {
    let serve = folder.command(&["serve"]);
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &format!("ulimit {limit}; exec \"$0\" \"$@\"")]);
    shell.arg(serve.get_program()).args(serve.get_args()).current_dir(folder.path()).env_clear();
    shell.env("ROLLCALL_LISTEN", "127.0.0.1:0").envs(settings.iter().copied());
    let log = std::fs::File::create(folder.file("log")).expect("a log");
    shell.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped()).stderr(log);
    tokio::task::block_in_place(|| Program::start(&mut shell))
}

#[tokio::test(flavor = "multi_thread")]
async fn with_sixty_four_files_a_crowd_is_kept_waiting_and_nobody_else() {
    let trials = trials(2);
    let (mut inside, mut afterwards, mut again) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    for _ in 0..trials {
        let folder = Folder::new();
        let mut scene = Scene::with(limited(&folder, &format!("-n {FILES}"), &SETTINGS)).await;
        let receiver = FakeReceiver::start().await;
        let owner = webhook(&scene, &receiver).await;
        let token = scene.writer.token.as_str();
        let address = scene.program.url.strip_prefix("http://").expect("an address");
        let notification = r#"{"title": "Down", "body": "Since noon.", "severity": "critical"}"#;
        let notification = post(&format!("{owner}/notification"), token, notification);
        // One is in before the crowd comes, and keeps the connection.
        let mut wire = Wire::default();
        assert_eq!(wire.ask(address, &notification).await, Fate::Answered(202, true));
        let crowd = crowd(address).await;
        let mut sent = 1;
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(3) {
            let asked = Instant::now();
            assert_eq!(
                wire.ask(address, &notification).await,
                Fate::Answered(202, true),
                "a client who is in"
            );
            sent += 1;
            inside = inside.max(asked.elapsed());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // Deliveries open connections of their own.
        receiver.wait_for(1 + sent).await;
        drop(crowd);
        afterwards = afterwards.max(answered(&scene.program).await);

        // Fewer than it has open already: it cannot even accept.
        limit(&scene.program, 16);
        let waiting = TcpStream::connect(address).await.expect("the system connects");
        tokio::time::sleep(Duration::from_secs(1)).await;
        let team = post("/v1/team", token, r#"{"name": "Without files"}"#);
        assert_eq!(wire.ask(address, &team).await, Fate::Answered(201, true), "a client who is in");
        limit(&scene.program, FILES);
        again = again.max(answered(&scene.program).await);
        assert!(folder.log().contains("could not be accepted"), "it could accept");
        drop(waiting);
        assert!(scene.program.lives(), "the process is the same");
        end(scene.program);
        let database = Connection::open(folder.file("data/rollcall.db")).expect("the database opens");
        assert_eq!(texts(&database, "select name from team"), ["Without files"]);
    }
    println!(
        "{FILES} files, {CROWD} clients that send nothing: {trials} trials, who is in is answered within {inside:.1?}, everybody within \
         {afterwards:.1?} once they are gone, and {again:.1?} after no file could be opened at all"
    );
}

/// How long a client who comes now waits for an answer.
async fn answered(program: &Program) -> Duration {
    let asked = Instant::now();
    let stranger = reqwest::Client::builder().no_proxy().build().expect("a client");
    let answer = stranger.get(format!("{}/readyz", program.url)).timeout(SOON).send().await;
    assert_eq!(answer.expect("an answer").status(), 200);
    asked.elapsed()
}

/// Sets how many files a running process may open.
fn limit(program: &Program, files: usize) {
    run("prlimit", &["--pid", &program.id().to_string(), &format!("--nofile={files}:{FILES}")]);
}

/// Clients that connect and send nothing, or half of a head.
async fn crowd(address: &str) -> Vec<TcpStream> {
    let mut crowd = Vec::new();
    for number in 0..CROWD {
        let connecting = tokio::time::timeout(Duration::from_secs(2), TcpStream::connect(address));
        // The queue of the system may be full by then.
        let Ok(Ok(mut stream)) = connecting.await else { break };
        if number % 2 == 0 {
            stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: loc").await.expect("sent");
        }
        crowd.push(stream);
    }
    assert!(crowd.len() > FILES, "only {} came", crowd.len());
    crowd
}

/// Gives the caller a verified webhook; returns the path of its owner.
pub(crate) async fn webhook(scene: &Scene, receiver: &FakeReceiver) -> String {
    let (program, token) = (&scene.program, scene.writer.token.as_str());
    let me = program.send("GET", "/v1/customer", token, &Value::Null, 200).await;
    let owner = format!("/v1/customer/{}", me["customer_id"].as_str().expect("an id"));
    let channel = format!("{owner}/notification-channel");
    let body = json!({"type": "webhook", "value": receiver.url("/hook")});
    program.send("POST", &channel, token, &body, 201).await;
    let code = receiver.wait_for(1).await[0].json()["data"]["code"].clone();
    program
        .send("PATCH", &format!("{channel}/verification"), token, &json!({"priority": 1, "code": code}), 200)
        .await;
    owner
}

/// Sends a notification; gives the id of its delivery.
pub(crate) async fn notify(scene: &Scene, owner: &str) -> String {
    let body = json!({"title": "Down", "body": "Since noon.", "severity": "critical"});
    let path = format!("{owner}/notification");
    let answer = scene.program.send("POST", &path, &scene.writer.token, &body, 202).await;
    answer["deliveries"][0]["delivery_id"].as_str().expect("an id").to_owned()
}
