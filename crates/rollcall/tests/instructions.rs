//! How many instructions a hot request costs, counted by valgrind, against a budget: a regression that no clock on a busy
//! machine would show.
//!
//! A request is answered whole, by the real listener, in this process: parsed, looked up, written, on both ends of the
//! socket. The program is run twice for each kind, with few and with many requests; the difference is theirs alone. Counts are
//! those of a test build, so they compare with each other and not with a clock. They differ by a few per cent from run to run
//! (hash tables, groups of commits), and by more between compilers: lower or raise the budget with the change that explains it.

#[path = "../benches/shared/data.rs"]
mod data;

use std::process::{Command, ExitCode};

use rollcall::clock::{Clock, SystemClock};
use rollcall::db::{Db, Error, Grouping};
use rollcall::domain::event::{By, Event};
use rollcall::http::server::{Bounds, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

/// Kinds of requests with their budgets, in thousands of instructions each.
const BUDGETS: [(&str, u64); 5] = [
    ("list, ready", 257),
    ("list, ready, 304", 262),
    ("list, past what is ready", 1_829),
    ("create", 1_719),
    ("create, beside many teams", 1_719),
];
/// So many teams are many, all with the same member.
const TEAMS: u128 = 2_000;
/// How far above the budget is still taken for chance, in per cent.
const TOLERANCE: u64 = 15;
/// Requests of the two runs. The first ones fill caches and prepare statements.
const FEW: u32 = 50;
const MANY: u32 = 250;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [mode, kind, count] = arguments.as_slice()
        && mode == "drive"
    {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(drive(kind, count.parse().expect("a number")));
        return ExitCode::SUCCESS;
    }
    // Anything else is a filter for tests of other names.
    if arguments.iter().any(|word| !word.starts_with('-') && !"instructions".contains(word.as_str())) {
        return ExitCode::SUCCESS;
    }
    let mut failed = 0;
    for (kind, budget) in BUDGETS {
        let each = (count(kind, MANY) - count(kind, FEW)) / u64::from(MANY - FEW) / 1_000;
        let verdict = if each * 100 <= budget * (100 + TOLERANCE) { "ok" } else { "FAILED" };
        println!("instructions of a request, {kind}: {each} thousand, budget {budget} ... {verdict}");
        failed += u32::from(verdict != "ok");
    }
    println!("{} passed, {failed} failed", BUDGETS.len() - failed as usize);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Instructions of a whole run.
fn count(kind: &str, requests: u32) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().expect("this program"))
        .args(["drive", kind, &requests.to_string()])
        .output()
        .expect("valgrind is installed");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    let collected = text.lines().find_map(|line| line.split_once("Collected : ")).expect("a count");
    collected.1.trim().parse().expect("a number")
}

/// Serves so many requests to itself, one after the other.
async fn drive(kind: &str, requests: u32) {
    let folder = std::env::temp_dir().join(format!("rollcall-instructions-{}", std::process::id()));
    let running = data::start(&folder, &[], Grouping::Shared).await;
    data::fill(&running.app.db, 10, "").await;
    if kind == "create, beside many teams" {
        add_teams(&running.app.db).await;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let front = rollcall::routes::front(&running.app);
    tokio::spawn(serve(listener, front, Bounds::default(), std::future::pending()));
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let mut tag = String::new();
    for number in 0..requests {
        let (status, answer) = ask(&mut stream, &request(kind, &tag, number)).await;
        let expected = match kind {
            _ if kind.starts_with("create") => 201,
            "list, ready, 304" if number > 0 => 304,
            _ => 200,
        };
        assert_eq!(status, expected, "{answer}");
        if let Some(found) = answer.lines().find_map(|line| line.strip_prefix("etag: ")) {
            found.clone_into(&mut tag);
        }
    }
    running.stop(tokio::time::Instant::now()).await;
    std::fs::remove_dir_all(&folder).expect("removed");
}

/// Many teams of the root whose token is used.
async fn add_teams(db: &Db) {
    let now = SystemClock.now();
    let added: Result<(), Error> = db
        .write(move |tx| {
            let (organization_id, customer_id) = (data::organization(0), data::customer(0));
            for number in 0..TEAMS {
                let (team_id, name) = (Uuid::from_u128(number), format!("Many {number}"));
                tx.execute(
                    "insert into directory (id, organization_id) values ($1, $2)",
                    (team_id, organization_id),
                )?;
                tx.execute(
                    "insert into team (organization_id, team_id, name, name_key, created_at) values ($1, $2, $3, $3, $4)",
                    (organization_id, team_id, &name, now),
                )?;
                tx.execute(
                    "insert into membership (organization_id, team_id, customer_id, role, joined_at)
                     values ($1, $2, $3, 'manager', $4)",
                    (organization_id, team_id, customer_id, now),
                )?;
            }
            tx.commit(&By::service("test"), now, Event::upkeep(), ())
        })
        .await;
    added.expect("the teams are in");
}

fn request(kind: &str, tag: &str, number: u32) -> String {
    let head = format!("host: localhost\r\nauthorization: Bearer {}\r\n", data::token(0).as_str());
    let list = format!("GET /v1/team/{}/members HTTP/1.1\r\n{head}", data::team(0));
    match kind {
        _ if kind.starts_with("create") => {
            let body = format!("{{\"name\":\"Team {number:06}\"}}");
            let length = body.len();
            format!(
                "POST /v1/team HTTP/1.1\r\n{head}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
            )
        }
        "list, ready, 304" => format!("{list}if-none-match: {tag}\r\n\r\n"),
        "list, past what is ready" => format!("{list}cache-control: no-cache\r\n\r\n"),
        _ => format!("{list}\r\n"),
    }
}

/// Sends a request and reads its answer whole: the status, and head and body as text.
async fn ask(stream: &mut TcpStream, request: &str) -> (u16, String) {
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut buffer = Vec::with_capacity(8 * 1024);
    loop {
        assert!(
            stream.read_buf(&mut buffer).await.expect("an answer") > 0,
            "the server closed the connection"
        );
        let Ok(text) = std::str::from_utf8(&buffer) else { continue };
        let Some(end) = text.find("\r\n\r\n") else { continue };
        let length = text[..end].lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |text| text.parse().expect("a number"));
        let status: u16 = text[9..12].parse().expect("a status");
        if status == 304 || buffer.len() >= end + 4 + length {
            return (status, text.to_owned());
        }
    }
}
