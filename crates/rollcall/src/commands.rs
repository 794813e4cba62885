//! The commands of the program, one file each where there is more to do than to call the library.

mod serve;

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use clap::{ArgMatches, Command};
use rollcall::clock::{Clock, SystemClock};
use rollcall::config::{Config, Settings};
use rollcall::db::{self, Db};
use rollcall::entropy::SystemEntropy;

/// Every command with its help.
pub(crate) fn all() -> Vec<Command> {
    vec![
        Command::new("serve").about("Serve the API, the console and the worker"),
        Command::new("migrate").about("Bring the database to this version's schema, then end"),
        Command::new("openapi").about("Print the OpenAPI document"),
    ]
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
    let config = Config::new(&Settings::gather(arguments, environment, Path::new("."))?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match name {
        "serve" => runtime.block_on(serve::run(config)),
        "migrate" => runtime.block_on(migrate(config)),
        other => anyhow::bail!("there is no command {other}"),
    }
}

async fn migrate(config: Config) -> anyhow::Result<()> {
    let db =
        Db::open(db::Settings::sqlite(config.database.clone(), Arc::new(SystemEntropy)), SystemClock.now())
            .await?;
    db.close().await.context("the database could not be closed")?;
    println!("{} has this version's schema.", config.database.display());
    Ok(())
}
