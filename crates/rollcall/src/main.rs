//! The program: its commands and how they end.

mod commands;

use std::process::ExitCode;

use clap::Command;

/// Serves more requests in less memory than the system's allocator: docs/decisions/0010.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
use clap::error::ErrorKind;

#[expect(clippy::disallowed_methods, reason = "the one place that hands the environment to the settings")]
fn main() -> ExitCode {
    let program = Command::new("rollcall")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Who is on the team, what they may do, and how to reach them.")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .args(rollcall::config::flags())
        .subcommands(commands::all());
    let matches = match program.try_get_matches() {
        Ok(matches) => matches,
        Err(error) if is_help(error.kind()) => error.exit(),
        Err(error) => {
            eprintln!("rollcall: {}", one_line(&error.to_string()));
            return ExitCode::FAILURE;
        }
    };
    match commands::run(&matches, std::env::vars_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rollcall: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What was asked for, or is as good as that.
fn is_help(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    )
}

/// The first paragraph of the parser's words in one line, as all refusals of the start are; `--help` has the rest.
fn one_line(text: &str) -> String {
    let paragraph = text.lines().map(str::trim).take_while(|line| !line.is_empty());
    let line = paragraph.collect::<Vec<_>>().join(" ");
    format!("{}; see `rollcall --help`", line.strip_prefix("error: ").unwrap_or(&line))
}
