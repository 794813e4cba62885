//! Rollcall in one process and in two beside its peers and pgbench, all on one server.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Server, contestants, pgbench, scripts};
use crate::contestant::{Contestant, Folder};
use crate::load::{self, Figures, Work, medians};
use crate::report::{Line, Report};
use crate::{Effort, data, rollcall_program};

/// At so many clients; pgbench has as many connections.
const CLIENTS: [usize; 4] = [1, 16, 64, 256];
/// Organizations that creates are spread over, and as many again for pgbench.
const ORGANIZATIONS: u32 = 10;
/// Longer than that a run need not be.
const RUN: Duration = Duration::from_secs(2);

/// Who is put under load.
enum Who<'a> {
    /// Servers that share the clients.
    Servers(&'a [Contestant], Work),
    /// The engine, by a script.
    Engine(String),
}

type Entry<'a> = (&'static str, Who<'a>);

/// The section.
pub(crate) async fn run(server: &Server, effort: Effort, report: &mut Report) {
    let effort = Effort { run: effort.run.min(RUN), ..effort };
    let database = server.database("rollcall").await;
    server.run(&database, scripts::SEQUENCE).await;
    let ours = rollcall_program::postgres(&database, 2, 20 * ORGANIZATIONS).await;
    server.run(&database, "vacuum analyze").await;
    let [fastify, fastapi] = &contestants(server).await;
    let peers = |work: &Work| {
        [
            ("Fastify + pg", Who::Servers(std::slice::from_ref(fastify), work.clone())),
            ("FastAPI + SQLAlchemy + asyncpg", Who::Servers(std::slice::from_ref(fastapi), work.clone())),
        ]
    };
    let folder = Folder::new("draws");
    let members = |customer| format!("/v1/team/{}/members", data::team(customer));
    let profiles = draws(folder.path(), "profiles", |_| ours[0].profile.clone());
    let lists = draws(folder.path(), "lists", members);
    for (title, file, work, fresh, script) in [
        ("Own profile", profiles, Work::Profile, Work::ProfileFresh, scripts::profile()),
        ("Members of a team of ten", lists, Work::Members, Work::MembersFresh, scripts::members()),
    ] {
        let mut entries = vec![
            ("Rollcall", Who::Servers(&ours[..1], Work::Draws(file.clone()))),
            ("Rollcall, two processes", Who::Servers(&ours, Work::Draws(file))),
            ("Rollcall, past its cache", Who::Servers(&ours[..1], fresh.clone())),
            ("Rollcall, two processes, past their caches", Who::Servers(&ours, fresh)),
        ];
        entries.extend(peers(&work));
        entries.push(("pgbench, the same statements", Who::Engine(script)));
        entries.push(("pgbench, the token's look-up alone", Who::Engine(scripts::look_up())));
        report.table("postgres", title, &compare(&database, &entries, effort).await);
    }
    let (own, theirs) = (Work::NotModified(tag(&ours[0]).await), Work::NotModified(tag(fastify).await));
    let entries = [
        ("Rollcall", Who::Servers(&ours[..1], own.clone())),
        ("Rollcall, two processes", Who::Servers(&ours, own)),
        ("Fastify + pg", Who::Servers(std::slice::from_ref(fastify), theirs)),
        ("pgbench, the statements of the list", Who::Engine(scripts::members())),
    ];
    report.table("postgres", "304 to a tag that still holds", &compare(&database, &entries, effort).await);
    for (title, work, organizations) in [
        (
            "Creating a team, synced before the answer, in ten organizations",
            Work::CreateTeams(tokens(folder.path())),
            ORGANIZATIONS,
        ),
        ("Creating a team, synced before the answer, all in one organization", Work::CreateTeam, 1),
    ] {
        let mut entries = vec![
            ("Rollcall", Who::Servers(&ours[..1], work.clone())),
            ("Rollcall, two processes", Who::Servers(&ours, work)),
        ];
        entries.extend(peers(&Work::CreateTeam));
        entries.push(("pgbench, the same rows", Who::Engine(scripts::create(organizations))));
        report.table("postgres", title, &compare(&database, &entries, effort).await);
    }
}

/// The tag of the list of members.
async fn tag(contestant: &Contestant) -> String {
    let answer = contestant.get(&contestant.members).await;
    answer.headers()["etag"].to_str().expect("ASCII").to_owned()
}

/// A request of each root and one member of every organization.
fn draws(folder: &Path, name: &str, path: impl Fn(u32) -> String) -> PathBuf {
    let mut text = String::new();
    for customer in (0..10 * ORGANIZATIONS).step_by(5) {
        let _ = writeln!(text, "{} {}", data::token(customer).as_str(), path(customer));
    }
    written(folder, name, &text)
}

/// The tokens of the roots.
fn tokens(folder: &Path) -> PathBuf {
    let mut text = String::new();
    for organization in 0..ORGANIZATIONS {
        let _ = writeln!(text, "{}", data::token(10 * organization).as_str());
    }
    written(folder, "roots", &text)
}

fn written(folder: &Path, name: &str, text: &str) -> PathBuf {
    let file = folder.join(name);
    std::fs::write(&file, text).expect("written");
    file
}

/// All in turn, round after round; the median of each.
async fn compare(database: &str, entries: &[Entry<'_>], effort: Effort) -> Vec<Line> {
    let mut lines = Vec::new();
    for clients in CLIENTS {
        let mut runs: Vec<Vec<Figures>> = vec![Vec::new(); entries.len()];
        for round in 0..effort.rounds {
            for ((_, who), runs) in entries.iter().zip(&mut runs) {
                if round == 0 {
                    once(database, who, clients, load::WARM_UP).await;
                }
                runs.push(once(database, who, clients, effort.run).await);
            }
        }
        for ((name, _), runs) in entries.iter().zip(runs) {
            lines.push(Line { name: (*name).to_owned(), clients, figures: medians(&runs) });
        }
    }
    lines
}

async fn once(database: &str, who: &Who<'_>, clients: usize, run: Duration) -> Figures {
    match who {
        Who::Engine(script) => pgbench(database, script, clients, run).await,
        Who::Servers([one, two], work) if clients > 1 => {
            let half = clients / 2;
            let (one, two) = tokio::join!(load::run(one, work, half, run), load::run(two, work, half, run));
            let all = one.rate + two.rate;
            Figures {
                rate: all,
                p50: f64::midpoint(one.p50, two.p50),
                p99: one.p99.max(two.p99),
                errors: one.errors + two.errors,
                processor: (one.processor * one.rate + two.processor * two.rate) / all.max(1.0),
            }
        }
        Who::Servers(servers, work) => load::run(&servers[0], work, clients, run).await,
    }
}
