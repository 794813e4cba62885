//! A read and a create, by how many customers there are: what an answer costs must not grow with them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::contestant::{Contestant, Folder};
use crate::load::{self, Work};
use crate::plot::{Curve, Frame};
use crate::postgres::Server;
use crate::report::{Line, Report};
use crate::sections::{Entry, compare};
use crate::{Effort, data, program, rollcall_program};

/// How many customers, in a usual run and in one that takes its time.
pub(crate) const USUAL: [u32; 3] = [100, 10_000, 1_000_000];
pub(crate) const ALL: [u32; 6] = [100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];

const CLIENTS: usize = 64;
/// Callers whose answers are all ready after a moment.
const FEW: u32 = 100;
/// As many as have a session at the most: drawn from all customers.
const MANY: u32 = 10_000;
/// Until each of them has been asked for about once.
const WARM: Duration = Duration::from_secs(4);

/// Who asks, and for what.
enum Load {
    Lists { callers: u32, fresh: bool },
    Creates { callers: u32 },
}

/// Past the cache twice: a hundred callers tell what the depth of the trees costs, callers from all over what memory costs that no cache
/// holds.
const KINDS: &[(&str, Load)] = &[
    ("a list whose answer is ready", Load::Lists { callers: FEW, fresh: false }),
    ("a list past the cache, a hundred callers", Load::Lists { callers: FEW, fresh: true }),
    ("a list past the cache, callers from all over", Load::Lists { callers: MANY, fresh: true }),
    ("a create, a hundred callers", Load::Creates { callers: FEW }),
];

impl Load {
    fn work(&self, folder: &Path, customers: u32) -> Work {
        match *self {
            Self::Lists { callers, fresh: false } => Work::Draws(draws(folder, customers, callers)),
            Self::Lists { callers, fresh: true } => Work::DrawsFresh(draws(folder, customers, callers)),
            Self::Creates { callers } => Work::CreateTeams(tokens(folder, customers, callers)),
        }
    }
}

/// Fills a database for each size, on the server or in files, and then puts all of them under load in turn.
pub(crate) async fn run(
    section: &'static str,
    sizes: &[u32],
    server: Option<&Server>,
    effort: Effort,
    report: &mut Report,
) {
    assert!(!section.starts_with("postgres") || server.is_some(), "--postgres URL");
    let (mut filled, mut notes) = (Vec::new(), String::new());
    for &customers in sizes {
        let begun = Instant::now();
        let contestant = start(server, customers).await;
        let took = begun.elapsed().as_secs_f64();
        println!("{customers} customers are in after {took:.0} s");
        check(&contestant, customers).await;
        filled.push((customers, contestant, took));
    }
    let folder = Folder::new("draws");
    let (mut lines, mut curves) = (Vec::new(), Vec::new());
    for (name, load) in KINDS {
        let mut entries: Vec<Entry<'_>> = Vec::new();
        for (customers, contestant, _) in &filled {
            let work = load.work(folder.path(), *customers);
            load::run(contestant, &work, CLIENTS, WARM).await;
            entries.push((format!("{customers} customers, {name}"), contestant, work));
        }
        let compared = compare(&entries, &[CLIENTS], effort).await;
        let points = filled.iter().zip(&compared).map(|((customers, ..), line)| {
            (*customers as usize, line.figures.processor, 1e6 / line.figures.rate)
        });
        curves.push(Curve { name: (*name).to_owned(), points: points.collect() });
        lines.push(compared);
    }
    for (customers, contestant, took) in &filled {
        let memory = program::resident_megabytes(contestant.id());
        let _ = writeln!(
            notes,
            "- {customers} customers: in after {took:.0} s; {memory:.0} MB resident in the program after the load."
        );
    }
    report.text(section, table(server.is_some(), &lines));
    report.text(section, notes);
    let frame = Frame {
        number: "customers",
        marks: sizes.iter().map(|&customers| customers as usize).collect(),
        values: ["processor time for an answer, µs", "time for an answer (1 / rate), µs"],
    };
    report.plot(section, "What an answer costs, by how many customers there are", &frame, &curves);
    drop(filled);
    if let Some(server) = server {
        for &customers in sizes {
            server.drop_database(&database(customers)).await;
        }
    }
}

fn database(customers: u32) -> String {
    format!("scale_{customers}")
}

async fn start(server: Option<&Server>, customers: u32) -> Contestant {
    let Some(server) = server else { return rollcall_program::sqlite(customers).await };
    let database = server.database(&database(customers)).await;
    let mut ours = rollcall_program::postgres(&database, 1, customers).await.remove(0);
    // As the server would have it by itself after a while.
    server.run(&database, "vacuum analyze").await;
    server.run(&database, "checkpoint").await;
    ours.engine = Some(server.process().await);
    ours
}

/// The last team whose members have a session is there with all of them, whichever engine counted them up.
async fn check(contestant: &Contestant, customers: u32) {
    let stride = data::stride(customers);
    let caller = (customers - 1) / stride * stride;
    let url = format!("{}/v1/team/{}/members", contestant.base, data::team(caller));
    let asked = reqwest::Client::new().get(url);
    let answer = asked.bearer_auth(data::token(caller).as_str()).send().await.expect("an answer");
    let list: serde_json::Value =
        serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON");
    let first = caller / 10 * 10;
    let found: Vec<_> = list["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|member| (member["customer_id"].clone(), member["email"].clone(), member["role"].clone()))
        .collect();
    let expected: Vec<_> = (first..first + 10)
        .map(|customer| {
            let role = if customer == first { "root" } else { "manager" };
            (
                data::customer(customer).to_string().into(),
                format!("member-{customer}@example.com").into(),
                role.into(),
            )
        })
        .collect();
    assert_eq!(found, expected, "{customers} customers");
}

/// Tokens and paths of so many callers, spread evenly over all customers.
fn draws(folder: &Path, customers: u32, callers: u32) -> PathBuf {
    let line =
        |customer| format!("{} /v1/team/{}/members\n", data::token(customer).as_str(), data::team(customer));
    written(folder.join(format!("lists-{customers}-{callers}")), spread(customers, callers), line)
}

/// Tokens of as many who may make teams.
fn tokens(folder: &Path, customers: u32, callers: u32) -> PathBuf {
    // The first of each organization is its root.
    let roots = spread(customers, callers).map(|customer| customer / 10 * 10).collect::<BTreeSet<_>>();
    let line = |customer| format!("{}\n", data::token(customer).as_str());
    written(folder.join(format!("creates-{customers}-{callers}")), roots.into_iter(), line)
}

/// So many callers, spread evenly over all customers who have a session.
fn spread(customers: u32, callers: u32) -> impl Iterator<Item = u32> {
    let stride = data::stride(customers);
    let step = (customers / stride / callers).max(1) * stride;
    (0..customers).step_by(step as usize)
}

fn written(file: PathBuf, callers: impl Iterator<Item = u32>, line: impl Fn(u32) -> String) -> PathBuf {
    std::fs::write(&file, callers.map(line).collect::<String>()).expect("written");
    file
}

/// What each costs, and its ratio to the smallest of its kind.
fn table(server: bool, kinds: &[Vec<Line>]) -> String {
    let whose = if server { "program and server" } else { "program" };
    let mut text = format!(
        "| {CLIENTS} clients | answers/s | CPU µs each ({whose}) | times the smallest | p50 ms | p99 ms | errors |\n\
         |---|--:|--:|--:|--:|--:|--:|\n"
    );
    for lines in kinds {
        for line in lines {
            let (figures, smallest) = (line.figures, lines[0].figures);
            let _ = writeln!(
                text,
                "| {} | {:.0} | {:.1} | {:.2} | {:.2} | {:.2} | {} |",
                line.name,
                figures.rate,
                figures.processor,
                figures.processor / smallest.processor,
                figures.p50,
                figures.p99,
                figures.errors
            );
        }
    }
    text
}
