//! A clock that jumps, goes back or races while the program works: nothing lives longer than its life and the jump, messages are neither
//! late nor repeated, and what comes later stands later.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use notify_fakes::{Answer, FakeReceiver};
use serde_json::{Value, json};

use crate::few_files::{notify, webhook};
use crate::process::{Folder, PASSWORD, Program, said};
use crate::scene::{SETTINGS, Scene, end, trials};

const HOUR: i64 = 3_600;
const YEAR: i64 = 365 * 24 * HOUR;
/// After a first failure a message is tried again after five seconds, give or take a fifth.
const SECOND_TRY: Duration = Duration::from_secs(8);

/// The program's clock, in a file that libfaketime reads each time.
struct Clock(PathBuf);

impl Clock {
    fn set(&self, offset: &str) {
        let new = self.0.with_extension("new");
        std::fs::write(&new, offset).expect("written");
        std::fs::rename(new, &self.0).expect("in its place");
    }

    /// Moves it to so many seconds from the true time.
    fn jump(&self, seconds: i64) {
        self.set(&format!("{seconds:+}"));
    }
}

/// A server with a clock of its own; timers of the system go on as they do when somebody sets a clock.
async fn start(folder: &Folder) -> (Scene, Clock) {
    let clock = Clock(folder.file("clock"));
    clock.jump(0);
    let library = std::fs::read_dir("/usr/lib").expect("libraries").find_map(|entry| {
        let path = entry.expect("an entry").path().join("faketime/libfaketimeMT.so.1");
        path.exists().then_some(path)
    });
    let mut command = folder.command(&["serve"]);
    command.env("ROLLCALL_LISTEN", "127.0.0.1:0").envs(SETTINGS).envs([("ROLLCALL_LOG", "error")]);
    command.env("LD_PRELOAD", library.expect("faketime is installed"));
    command.env("FAKETIME_TIMESTAMP_FILE", &clock.0).env("FAKETIME_NO_CACHE", "1");
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1");
    let log = std::fs::File::create(folder.file("log")).expect("a log");
    let program = tokio::task::block_in_place(|| Program::start(command.stderr(log)));
    (Scene::with(program).await, clock)
}

/// What messages came to, and how often each.
fn tries(receiver: &FakeReceiver) -> HashMap<String, usize> {
    let mut tries = HashMap::new();
    for request in receiver.requests() {
        *tries.entry(request.header("webhook-id").expect("an id").to_owned()).or_default() += 1;
    }
    tries
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_makes_no_message_late_and_none_tried_more_than_once_too_often() {
    let trials = trials(1);
    let jumps = [HOUR, -HOUR, YEAR, -YEAR];
    let (mut messages, mut most) = (0, 0);
    for _ in 0..trials {
        let trial = jumps.map(|jump| tokio::spawn(messages_over(jump)));
        for one in trial {
            let extra = one.await.expect("a trial");
            messages += 2;
            most = most.max(extra);
        }
    }
    println!(
        "clock jumps of an hour and a year, on and back: {messages} messages in flight or waiting over {} jumps, none late, \
         at most {most} extra tries of one",
        trials * jumps.len()
    );
    assert!(most <= 1, "a message was tried {most} times too often");
}

/// One message in flight and one that waits for its second try, while the clock jumps; how many tries of one were too many.
async fn messages_over(jump: i64) -> usize {
    let folder = Folder::new();
    let (scene, clock) = start(&folder).await;
    let receiver = FakeReceiver::start().await;
    let owner = webhook(&scene, &receiver).await;
    receiver.script([Answer::status(503)]);
    let waiting = notify(&scene, &owner).await;
    receiver.wait_for(2).await;
    // Five octets in five seconds: in flight during the jump.
    receiver.script([Answer::Drip]);
    receiver.always(Answer::status(503));
    let in_flight = notify(&scene, &owner).await;
    receiver.wait_for(3).await;
    clock.jump(jump);
    let begun = Instant::now();
    // A year ahead both have expired, and nothing more is tried. Else the second try comes when it was to come, at the latest.
    while jump < YEAR && tries(&receiver)[&waiting] < 2 {
        assert!(begun.elapsed() < SECOND_TRY, "{jump}: the second try is late");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // The third is due in five minutes.
    tokio::time::sleep(SECOND_TRY.saturating_sub(begun.elapsed())).await;
    let tries = tries(&receiver);
    assert_eq!(tries[&in_flight], 1, "{jump}: an attempt in flight was made again");
    let program = scene.program;
    end(program);
    tries[&waiting].saturating_sub(2)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_races_makes_no_second_attempt_beside_one_that_runs() {
    let folder = Folder::new();
    let (scene, clock) = start(&folder).await;
    let receiver = FakeReceiver::start().await;
    let owner = webhook(&scene, &receiver).await;
    // An attempt that waits for its answer for as long as attempts may, with leases that end after a tenth of their time.
    receiver.always(Answer::Hang);
    let hanging = notify(&scene, &owner).await;
    receiver.wait_for(2).await;
    clock.set("+0 x10");
    for round in 0..14 {
        scene.ledger.create(&scene.writer, &format!("racing-{round}")).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(tries(&receiver)[&hanging], 1, "two attempts at once");
    println!("clock at ten times its rate: 1 attempt for a message whose lease ended twice meanwhile");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_outlives_its_lifetime_and_the_jump_and_no_limit_lasts_for_longer_than_it_should() {
    let folder = Folder::new();
    let (scene, clock) = start(&folder).await;
    let (program, old) = (&scene.program, scene.writer.token.clone());
    let status = async |token: &str| {
        let request = program.http.get(format!("{}/v1/teams", program.url)).bearer_auth(token);
        request.send().await.expect("an answer").status().as_u16()
    };
    let session = async || {
        let body = json!({"email": "ann@example.com", "password": PASSWORD});
        program.send("POST", "/v1/auth", "", &body, 200).await
    };
    let refresh = async |session: &Value, status: u16| {
        let body = json!({"refresh_token": session["refresh_token"]});
        program.send("POST", "/v1/auth/refresh", "", &body, status).await
    };
    let team = program.send("POST", "/v1/team", &old, &json!({"name": "Ops"}), 201).await;
    let team = format!("/v1/team/{}", team["team"]["team_id"].as_str().expect("an id"));
    let guest = json!({"channel_value": "ben@example.com", "channel_type": "email"});
    program.send("POST", &format!("{team}/invitation"), &old, &guest, 201).await;
    let link = program
        .send(
            "POST",
            &format!("{team}/invitation/link"),
            &old,
            &json!({"channel_value": "ben@example.com"}),
            200,
        )
        .await;
    let invitation =
        link["link"].as_str().and_then(|link| link.split_once("token=")).expect("a link").1.to_owned();
    let recovery = json!({"email": "ann@example.com"});
    let first = program.code("ann@example.com").await;
    program.send("POST", "/v1/account/password", "", &recovery, 200).await;
    let before = session().await;
    assert_eq!(status(&old).await, 200);

    // Back by an hour: it lives on, for its lifetime and that hour.
    clock.jump(-HOUR);
    assert_eq!(status(&old).await, 200);
    let code = next_code(program, &first).await;
    clock.jump(HOUR + 60);
    assert_eq!(status(&old).await, 401);
    let body = json!({"email": "ann@example.com", "code": code, "password": "amber-lighthouse-42"});
    let refusal = program.send("PATCH", "/v1/account/password", "", &body, 422).await;
    assert_eq!(refusal["code"], "code_expired", "{refusal}");
    let after = refresh(&before, 200).await;
    clock.jump(YEAR);
    refresh(&after, 401).await;
    let preview = json!({"token": invitation});
    let preview = program.send("POST", "/v1/invitation/preview", "", &preview, 200).await;
    assert_eq!(preview["invitation"]["status"], "expired", "{preview}");

    // Back from a year ahead: what was counted there does not count for a year.
    program.send("POST", "/v1/account/password", "", &recovery, 200).await;
    let ahead = next_code(program, &code).await;
    clock.jump(0);
    program.send("POST", "/v1/account/password", "", &recovery, 200).await;
    next_code(program, &ahead).await;
    println!(
        "clock jumps: tokens, codes and invitations ended with their time, and a code was to be had right after each jump"
    );
}

/// The code that comes after another one; no code comes twice in a row but once in a million.
async fn next_code(program: &Program, before: &str) -> String {
    let begun = Instant::now();
    loop {
        let code = program.code("ann@example.com").await;
        if code != before {
            return code;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "no code comes after the clock was set");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_later_stands_later_whatever_the_clock_says() {
    let folder = Folder::new();
    let (mut scene, clock) = start(&folder).await;
    let receiver = FakeReceiver::start().await;
    let owner = webhook(&scene, &receiver).await;
    let (mut names, mut sent, mut ids) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (round, jump) in [0, -HOUR, HOUR, 0, -YEAR, 0].into_iter().enumerate() {
        clock.jump(jump);
        scene.writer.token = scene.program.sign_in("ann@example.com").await;
        let writers = scene.ledger.writers(4, &scene.writer, &format!("order-{round}"), Duration::ZERO);
        for number in 0..10 {
            let name = format!("turn-{round}-{number}");
            let team = json!({"name": name});
            let team = scene.program.send("POST", "/v1/team", &scene.writer.token, &team, 201).await;
            names.push(team["team"]["team_id"].as_str().expect("an id").to_owned());
            sent.push(notify(&scene, &owner).await);
        }
        writers.stop().await;
    }
    clock.jump(0);
    scene.writer.token = scene.program.sign_in("ann@example.com").await;
    let pages = async |path: &str| {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("{path}?limit=200{cursor}");
            let page = scene.program.send("GET", &path, &scene.writer.token, &Value::Null, 200).await;
            all.extend(page["data"].as_array().expect("a list").iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return all,
            }
        }
    };
    // Newest first, both.
    let log = pages("/v1/org/audit-log").await;
    let of_ours = |entry: &Value| {
        let id = entry["target"]["id"].as_str().unwrap_or_default().to_owned();
        (entry["action"] == "team.created" && names.contains(&id)).then_some(id)
    };
    let mut logged: Vec<_> = log.iter().filter_map(of_ours).collect();
    logged.reverse();
    assert_eq!(logged, names, "the audit log is not in the order of what happened");
    let deliveries = pages(&format!("{owner}/notification-channel/deliveries")).await;
    let notified = deliveries.iter().filter_map(|delivery| delivery["delivery_id"].as_str());
    let mut notified: Vec<_> =
        notified.filter(|id| sent.iter().any(|sent| sent == id)).map(str::to_owned).collect();
    notified.reverse();
    assert_eq!(notified, sent, "the log of deliveries is not in the order of what was sent");
    let teams = pages("/v1/teams").await;
    let all = log.iter().map(|entry| &entry["event_id"]).chain(teams.iter().map(|team| &team["team_id"]));
    let all: Vec<_> = all.chain(deliveries.iter().map(|delivery| &delivery["delivery_id"])).collect();
    ids.extend(all.iter().map(|id| id.as_str().expect("an id")));
    assert_eq!(ids.len(), all.len(), "an id is there twice");
    assert_eq!(
        teams.len(),
        names.len() + scene.ledger.acknowledged(),
        "paging lost a team, or showed one twice"
    );
    end(scene.program);
    assert!(said(&folder.run(&["audit", "verify"])).contains("holds"));
    println!(
        "clock back and forth six times under load: {} ids, none twice, both logs in the order of what happened",
        ids.len()
    );
}
