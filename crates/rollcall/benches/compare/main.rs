//! Rollcall beside what else one could run, all in one run on one machine: `just bench`.
//!
//! Every contestant is a process of its own that this program starts and fills; rounds are interleaved, each run has a
//! warm-up, errors are counted, and medians are compared as ratios: the load generator (wrk) shares the machine, so only
//! these mean anything. Needs `wrk`, and for the peers Node.js, npm, Python and, where there is one, a PostgreSQL server.
//!
//! `cargo bench --bench compare -- [SECTION…] [--rounds N] [--seconds S] [--postgres URL] [--pgo PROGRAM] [--write]`; sections
//! are named in [`sections`], those of PostgreSQL need a server, and a program that `just pgo` built is measured beside the
//! one that cargo built.

mod bare;
mod contestant;
#[path = "../shared/data.rs"]
mod data;
mod engines;
mod load;
mod peers;
mod plot;
mod pocketbase;
mod postgres;
#[path = "../shared/program.rs"]
mod program;
mod report;
mod rollcall_program;
mod scale;
mod sections;
mod syncs;
mod verify;

use std::path::Path;
use std::time::Duration;

use report::Report;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    /// Runs of each measurement; the median counts.
    pub(crate) rounds: usize,
    /// How long one run takes.
    pub(crate) run: Duration,
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if let [mode, file] = arguments.as_slice()
        && mode == "serve-bare"
    {
        return bare::serve(file.as_ref()).await;
    }
    let value = |name: &str| {
        let at = arguments.iter().position(|word| word == name)?;
        arguments.get(at + 1)
    };
    let number =
        |name: &str, otherwise: u64| value(name).and_then(|word| word.parse().ok()).unwrap_or(otherwise);
    let effort = Effort {
        rounds: usize::try_from(number("--rounds", 5)).expect("a small number"),
        run: Duration::from_secs(number("--seconds", 3)),
    };
    let named: Vec<_> =
        sections::NAMES.iter().copied().filter(|name| arguments.iter().any(|word| word == name)).collect();
    let database = value("--postgres").map(|url| postgres::Server::at(url));
    let usual = [sections::USUAL, if database.is_some() { sections::WITH_POSTGRES } else { &[] }].concat();
    let chosen = if named.is_empty() { usual } else { named };
    let profiled = value("--pgo").map(Path::new);
    let mut report = Report::default();
    for section in chosen {
        sections::run(section, effort, database.as_ref(), profiled, &mut report).await;
    }
    if arguments.iter().any(|word| word == "--write") {
        report.write();
    }
}

/// The middle of the values.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
