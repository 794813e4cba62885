//! The program: its commands and how they end.

mod commands;

use std::process::ExitCode;

use clap::Command;

#[expect(clippy::disallowed_methods, reason = "the one place that hands the environment to the settings")]
fn main() -> ExitCode {
    let matches = Command::new("rollcall")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Who is on the team, what they may do, and how to reach them.")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .args(rollcall::config::flags())
        .subcommands(commands::all())
        .get_matches();
    match commands::run(&matches, std::env::vars_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rollcall: {error:#}");
            ExitCode::FAILURE
        }
    }
}
