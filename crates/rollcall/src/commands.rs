//! The commands of the program, one file each where there is more to do than to call the library.

mod copy;
mod demo;
mod files;
mod serve;

use std::ffi::OsString;
use std::path::Path;

use clap::{ArgMatches, Command};
use rollcall::config::{Config, Settings};

/// Every command with its help.
pub(crate) fn all() -> Vec<Command> {
    let mut commands = vec![
        Command::new("serve").about("Serve the API, the console and the worker"),
        Command::new("openapi").about("Print the OpenAPI document"),
        Command::new("demo").about("Fill an empty database with an example organization"),
    ];
    commands.push(copy::command());
    commands.extend(files::all());
    commands
}

/// Runs the command that was asked for.
pub(crate) fn run(
    matches: &ArgMatches,
    environment: impl Iterator<Item = (OsString, OsString)>,
) -> anyhow::Result<()> {
    let Some((name, arguments)) = matches.subcommand() else { anyhow::bail!("no command was given") };
    if name == "openapi" {
        println!("{}", rollcall::routes::document().to_pretty_json()?);
        return Ok(());
    }
    if name == "copy" {
        return copy::run(arguments);
    }
    let config = Config::new(&Settings::gather(arguments, environment, Path::new("."))?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // What the storage's threads wake waits where all workers look, but those with work of their own only now and then: in a crowd,
        // who is to be served would wait behind all who are turned away.
        .global_queue_interval(1)
        .build()?;
    match name {
        "serve" => runtime.block_on(serve::run(config)),
        "demo" => runtime.block_on(demo::run(config)),
        "migrate" => runtime.block_on(files::migrate(&config)),
        "backup" => files::back_up(&config, arguments),
        "restore" => files::restore(&config, arguments),
        "audit" => files::audit(&config, arguments),
        other => anyhow::bail!("there is no command {other}"),
    }
}
