//! First figures, all in one run on one machine: `cargo bench --bench figures`.
//!
//! Durable creates with and without group commit; an authenticated list against a bare hyper server that sends the same
//! bytes; memory, start time and size of the program. Each contestant is a process of its own, runs are interleaved, and
//! medians are printed. Ratios are what counts: the load generator shares the machine.

mod contestants;
#[path = "../shared/data.rs"]
mod data;
mod load;
#[path = "../shared/program.rs"]
mod program;

use std::time::Duration;

use contestants::{Contestant, Kind};

/// How long one measurement takes, and how many there are of each.
const RUN: Duration = Duration::from_secs(2);
const ROUNDS: usize = 5;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("serve-shared"), Some(folder)) => return contestants::serve(&folder, true).await,
        (Some("serve-single"), Some(folder)) => return contestants::serve(&folder, false).await,
        (Some("bare"), Some(bytes)) => return contestants::bare(&bytes).await,
        _ => {}
    }
    creates().await;
    reads().await;
    println!("\n{}", program::figures(program::BUILT.as_ref()).await);
}

async fn creates() {
    println!(
        "\nDurable creates per second (POST /v1/team: team, membership, directory, audit event; one answer after its sync)"
    );
    println!("{:>8} {:>14} {:>14} {:>8}", "clients", "group commit", "one by one", "ratio");
    let (shared, single) = (Contestant::start(Kind::Shared).await, Contestant::start(Kind::Single).await);
    for clients in [1, 16, 64] {
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            with.push(load::creates(&shared, clients, RUN).await);
            without.push(load::creates(&single, clients, RUN).await);
        }
        let (with, without) = (median(with), median(without));
        println!("{clients:>8} {with:>14.0} {without:>14.0} {:>8.2}", with / without);
    }
}

async fn reads() {
    println!("\nReads per second (GET /v1/team/{{id}}/members: authenticated, 10 members)");
    println!("{:>8} {:>14} {:>14} {:>8}", "clients", "rollcall", "bare hyper", "share");
    let rollcall = Contestant::start(Kind::Shared).await;
    let bare = Contestant::start(Kind::Bare(rollcall.members_answer().await)).await;
    for clients in [1, 16, 64] {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(load::reads(&rollcall, clients, RUN).await);
            theirs.push(load::reads(&bare, clients, RUN).await);
        }
        let (ours, theirs) = (median(ours), median(theirs));
        println!("{clients:>8} {ours:>14.0} {theirs:>14.0} {:>7.0}%", 100.0 * ours / theirs);
    }
    println!("resident memory under this load: {:.1} MB", rollcall.resident_megabytes());
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
