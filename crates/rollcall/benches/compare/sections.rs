//! What is measured, section by section, each with its contestants side by side.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use crate::contestant::Contestant;
use crate::data;
use crate::engines::{self, Loop};
use crate::load::{self, Figures, WARM_UP, Work, medians};
use crate::plot::Curve;
use crate::postgres::{self, Server};
use crate::report::{Line, Report};
use crate::syncs::{self, Count};
use crate::{Effort, bare, median, peers, pocketbase, program, rollcall_program, scale, verify};

/// Every section.
pub(crate) const NAMES: &[&str] = &[
    "reads",
    "creates",
    "verify",
    "mixed",
    "sign-in",
    "scale",
    "ten-million",
    "program",
    "postgres",
    "postgres-scale",
    "postgres-ten-million",
    "train",
];
/// Those of a usual run, and what comes to them where there is a PostgreSQL server.
pub(crate) const USUAL: &[&str] = &["reads", "creates", "verify", "mixed", "sign-in", "scale", "program"];
pub(crate) const WITH_POSTGRES: &[&str] = &["postgres", "postgres-scale"];

const CLIENTS: [usize; 4] = [1, 16, 64, 256];

pub(crate) async fn run(
    section: &'static str,
    effort: Effort,
    database: Option<&Server>,
    profiled: Option<&Path>,
    report: &mut Report,
) {
    match section {
        "reads" => reads(effort, profiled, report).await,
        "creates" => creates(effort, profiled, report).await,
        "verify" => verified(effort, report).await,
        "mixed" => mixed(effort, profiled, report).await,
        "sign-in" => sign_in(effort, report).await,
        "scale" => scale::run(section, &scale::USUAL, None, effort, report).await,
        "ten-million" => scale::run(section, &scale::ALL, None, effort, report).await,
        "postgres-scale" => scale::run(section, &scale::USUAL, database, effort, report).await,
        "postgres-ten-million" => scale::run(section, &scale::ALL, database, effort, report).await,
        "postgres" => postgres::run(database.expect("--postgres URL"), effort, report).await,
        "train" => train(profiled.expect("--pgo PROGRAM")).await,
        _ => {
            report.text("program", program::figures(program::BUILT.as_ref()).await);
            if let Some(profiled) = profiled {
                let figures = program::figures(profiled).await;
                report
                    .text("program", format!("The same of the program that `just pgo` builds:\n\n{figures}"));
            }
        }
    }
}

/// Who does which work under which name.
pub(crate) type Entry<'a> = (String, &'a Contestant, Work);

/// Runs all entries in turn, round after round, and gives the median of each for every number of clients.
pub(crate) async fn compare(entries: &[Entry<'_>], clients: &[usize], effort: Effort) -> Vec<Line> {
    let mut lines = Vec::new();
    for &clients in clients {
        let mut runs: Vec<Vec<Figures>> = vec![Vec::new(); entries.len()];
        for round in 0..effort.rounds {
            for ((_, contestant, work), runs) in entries.iter().zip(&mut runs) {
                if round == 0 {
                    load::run(contestant, work, clients, WARM_UP).await;
                }
                runs.push(load::run(contestant, work, clients, effort.run).await);
            }
        }
        for ((name, ..), runs) in entries.iter().zip(runs) {
            lines.push(Line { name: name.clone(), clients, figures: medians(&runs) });
        }
    }
    lines
}

fn entry<'a>(contestant: &'a Contestant, work: &Work) -> Entry<'a> {
    (contestant.name.to_owned(), contestant, work.clone())
}

/// Has a program that keeps a profile do what the other sections measure.
async fn train(program: &Path) {
    let ours = rollcall_program::profiled(program, 100).await;
    let tag = ours.get(&ours.members).await.headers()["etag"].to_str().expect("ASCII").to_owned();
    let works = [
        Work::Profile,
        Work::Members,
        Work::MembersFresh,
        Work::NotModified(tag),
        Work::CreateTeam,
        Work::Mixed,
    ];
    for work in works {
        load::run(&ours, &work, 64, Duration::from_secs(3)).await;
    }
    load::run(&ours, &Work::SignIn, 4, Duration::from_secs(1)).await;
    verify::rate(&ours, &data::team(0).to_string(), 16).await;
    ours.end().await;
}

async fn beside(profiled: Option<&Path>) -> Option<Contestant> {
    match profiled {
        Some(program) => Some(rollcall_program::profiled(program, 100).await),
        None => None,
    }
}

async fn reads(effort: Effort, profiled: Option<&Path>, report: &mut Report) {
    let (ours, profiled) = (rollcall_program::sqlite(100).await, beside(profiled).await);
    let (fastify, pocketbase) = (peers::fastify_sqlite().await, pocketbase::start().await);
    for (title, work, path) in [
        ("Own profile", Work::Profile, &ours.profile),
        ("Members of a team of ten", Work::Members, &ours.members),
    ] {
        let bare = bare::start("bare hyper", &ours, path, None).await;
        let mut entries =
            vec![entry(&ours, &work), entry(&bare, &work), entry(&fastify, &work), entry(&pocketbase, &work)];
        let list = matches!(work, Work::Members);
        if list {
            entries.insert(1, ("Rollcall, past its cache".to_owned(), &ours, Work::MembersFresh));
        }
        if let Some(profiled) = &profiled {
            entries.insert(1, entry(profiled, &work));
            if list {
                let name = "Rollcall, past its cache, by `just pgo`".to_owned();
                entries.insert(3, (name, profiled, Work::MembersFresh));
            }
        }
        let lines = compare(&entries, &CLIENTS, effort).await;
        report.table("reads", title, &lines);
        for (name, ..) in entries.iter().filter(|_| list) {
            let points = lines.iter().filter(|line| line.name == *name);
            let points = points.map(|line| (line.clients, line.figures.rate, line.figures.p99)).collect();
            report.curve(Curve { name: name.clone(), points });
        }
    }
    let tag = ours.get(&ours.members).await.headers()["etag"].to_str().expect("ASCII").to_owned();
    let bare = bare::start("bare hyper", &ours, &ours.members, Some(&tag)).await;
    let work = Work::NotModified(tag);
    let mut entries = vec![entry(&ours, &work), entry(&bare, &work)];
    entries.extend(profiled.iter().map(|profiled| entry(profiled, &work)));
    let lines = compare(&entries, &CLIENTS, effort).await;
    report.table("reads", "304 to a tag that still holds", &lines);
    let memory = program::resident_megabytes(ours.id());
    report.text(
        "reads",
        format!(
            "Resident memory of Rollcall after all of this, under up to 256 connections: {memory:.0} MB."
        ),
    );
}

async fn creates(effort: Effort, profiled: Option<&Path>, report: &mut Report) {
    let (ours, profiled) = (rollcall_program::sqlite(100).await, beside(profiled).await);
    let (fastify, pocketbase) = (peers::fastify_sqlite().await, pocketbase::start().await);
    let bare = Loop::new().await;
    let work = Work::CreateTeam;
    let mut lines = Vec::new();
    for clients in CLIENTS {
        let mut entries = vec![entry(&ours, &work)];
        entries.extend(profiled.iter().map(|profiled| entry(profiled, &work)));
        entries.extend([entry(&fastify, &work), entry(&pocketbase, &work)]);
        lines.extend(compare(&entries, &[clients], effort).await);
        let (mut grouped, mut single) = (Vec::new(), Vec::new());
        for _ in 0..effort.rounds {
            grouped.push(bare.rate(clients, effort.run));
            single.push(bare.rate(1, effort.run));
        }
        for (name, rates) in [("bare loop, equal groups", grouped), ("bare loop, one by one", single)] {
            let figures = Figures { rate: median(rates), p50: 0.0, p99: 0.0, errors: 0, processor: 0.0 };
            lines.push(Line { name: name.to_owned(), clients, figures });
        }
    }
    report.table("creates", "Creating a team, synced before the answer", &lines);
    let mut text =
        "How often each told the disk to keep what it had written, counted in a run of its own:\n\n\
         | contestant | clients | creates | syncs | creates for a sync |\n|---|--:|--:|--:|--:|\n"
            .to_owned();
    for contestant in [&ours, &fastify, &pocketbase] {
        for clients in [1, 64] {
            let Some(count) = syncs::count(contestant, clients, effort.run).await else { continue };
            let Count { creates, syncs } = count;
            let each = creates / f64::from(u32::try_from(syncs.max(1)).expect("few"));
            let _ =
                writeln!(text, "| {} | {clients} | {creates:.0} | {syncs} | {each:.1} |", contestant.name);
        }
    }
    report.text("creates", text);
}

async fn verified(effort: Effort, report: &mut Report) {
    let batches = 2 * u32::try_from(effort.rounds).expect("few");
    let mut ours = rollcall_program::sqlite(10 * batches).await;
    let peer = peers::fastify_with_channels(batches * verify::CHANNELS).await;
    let mut text =
        "### Verifying a channel by its code\n\n| contestant | clients | verified/s | Rollcall has |\n\
         |---|--:|--:|--:|\n"
            .to_owned();
    let mut batch = 0;
    for clients in [1, 64] {
        let (mut own, mut others) = (Vec::new(), Vec::new());
        for _ in 0..effort.rounds {
            data::token(10 * batch).as_str().clone_into(&mut ours.token);
            own.push(verify::rate(&ours, &data::team(10 * batch).to_string(), clients).await);
            let first = batch * verify::CHANNELS + 1;
            let waiting =
                (first..first + verify::CHANNELS).map(|number| (number, peers::code(number))).collect();
            others.push(verify::verify(&peer, peers::TEAM, waiting, clients).await);
            batch += 1;
        }
        let (own, others) = (median(own), median(others));
        for (name, rate) in [(ours.name, own), (peer.name, others)] {
            let _ = writeln!(text, "| {name} | {clients} | {rate:.0} | {:.2} × |", own / rate);
        }
    }
    report.text("verify", text);
}

async fn mixed(effort: Effort, profiled: Option<&Path>, report: &mut Report) {
    let (ours, profiled) = (rollcall_program::sqlite(100).await, beside(profiled).await);
    let (fastify, pocketbase) = (peers::fastify_sqlite().await, pocketbase::start().await);
    let work = Work::Mixed;
    let mut entries = vec![entry(&ours, &work), entry(&fastify, &work), entry(&pocketbase, &work)];
    entries.extend(profiled.iter().map(|profiled| entry(profiled, &work)));
    let lines = compare(&entries, &CLIENTS, effort).await;
    report.table("mixed", "19 lists to one create", &lines);
    let (mut reads, mut writes) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        let (read, written) = tokio::join!(
            load::run(&ours, &Work::Members, 56, effort.run),
            load::run(&ours, &Work::CreateTeam, 8, effort.run)
        );
        reads.push(read);
        writes.push(written);
    }
    let line = |name: &str, clients, runs: &[Figures]| Line {
        name: name.to_owned(),
        clients,
        figures: medians(runs),
    };
    let lines = [line("Rollcall, 56 readers", 56, &reads), line("Rollcall, 8 writers", 8, &writes)];
    report.table("mixed", "56 readers beside 8 writers of the same organization", &lines);
}

async fn sign_in(effort: Effort, report: &mut Report) {
    let ours = rollcall_program::sqlite(100).await;
    let (mut quiet, mut flooded, mut sign_ins, mut hashes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        quiet.push(load::run(&ours, &Work::Members, 64, effort.run).await);
        let (read, _) = tokio::join!(
            load::run(&ours, &Work::Members, 64, effort.run),
            load::run(&ours, &Work::SignIn, 8, effort.run)
        );
        flooded.push(read);
        sign_ins.push(load::run(&ours, &Work::SignIn, 4, effort.run).await);
        hashes.push(engines::hashes(effort.run).await);
    }
    let line =
        |name: &str, runs: &[Figures]| Line { name: name.to_owned(), clients: 64, figures: medians(runs) };
    let lines = [line("Rollcall, quiet", &quiet), line("Rollcall, while 8 clients sign in", &flooded)];
    report.table("sign-in", "Lists while sign-ins saturate the cores", &lines);
    let (rate, library) = (medians(&sign_ins).rate, median(hashes));
    report.text("sign-in", format!(
        "Sign-ins: {rate:.1} a second, where the library alone makes {library:.1} hashes a second ({:.0} %).",
        100.0 * rate / library
    ));
}
