//! `rollcall migrate`, `backup`, `restore`, `audit verify` and `audit export`: what an operator does to the database.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};
use rollcall::clock::{Clock, SystemClock};
use rollcall::config::Config;
use rollcall::db::backup::Restored;
use rollcall::db::{self, Db, backup, inspect};
use rollcall::entropy::SystemEntropy;

/// The commands with their help.
pub(super) fn all() -> Vec<Command> {
    let file = |help: &'static str| Arg::new("file").value_name("FILE").required(true).help(help);
    let discard = Arg::new("discard").long("discard").action(ArgAction::SetTrue);
    vec![
        Command::new("migrate").about("Bring the database to this version's schema, then end"),
        Command::new("backup")
            .about("Copy the database into a new file; the server may be running")
            .arg(file("The backup; it must not exist yet")),
        Command::new("restore")
            .about("Put a backup in the place of the database; no server may be running")
            .arg(file("The backup"))
            .arg(discard.help("Do not keep a copy of the database that is replaced")),
        Command::new("audit")
            .about("The audit log")
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(
                Command::new("verify")
                    .about("Look for changed, removed and moved entries; the server may be running"),
            )
            .subcommand(
                Command::new("export")
                    .about("Print every entry with its hash as a line of JSON; the server may be running"),
            ),
    ]
}

pub(super) async fn migrate(config: &Config) -> anyhow::Result<()> {
    let place = config.database.clone();
    let before = tokio::task::spawn_blocking(move || inspect::schema(&place)).await??;
    let settings = db::Settings::at(config.database.clone(), Arc::new(SystemEntropy));
    let db = Db::open(settings, SystemClock.now()).await?;
    db.close().await.context("the database could not be closed")?;
    let (place, after) = (&config.database, inspect::known_schema());
    if before == after {
        println!("{place} has schema {after} already.");
    } else {
        println!("{place} went from schema {before} to {after}.");
    }
    Ok(())
}

pub(super) fn back_up(config: &Config, arguments: &ArgMatches) -> anyhow::Result<()> {
    let (database, to) = (database_file(config)?, file(arguments));
    let copied = backup::backup(database, &to)?;
    println!("{} holds the whole database: {} bytes, schema {}.", to.display(), copied.bytes, copied.schema);
    println!(
        "Keep a copy of {} elsewhere: secrets in the backup open with its keys alone.",
        key_file(config)
    );
    Ok(())
}

pub(super) fn restore(config: &Config, arguments: &ArgMatches) -> anyhow::Result<()> {
    let (database, from) = (database_file(config)?, file(arguments));
    let Restored { copied, former } = backup::restore(&from, database, arguments.get_flag("discard"))?;
    let path = database.display();
    println!("{path} holds what {} held: {} bytes, schema {}.", from.display(), copied.bytes, copied.schema);
    if let Some(former) = former {
        println!("What it held until now is kept in {}.", former.display());
    }
    if !config.secret_key_file.exists() {
        println!("Before you start the server, put the key file that belongs to it at {}.", key_file(config));
    }
    Ok(())
}

pub(super) fn audit(config: &Config, arguments: &ArgMatches) -> anyhow::Result<()> {
    match arguments.subcommand_name() {
        Some("export") => {
            let mut out = std::io::BufWriter::new(std::io::stdout().lock());
            inspect::export_audit_log(&config.database, &mut out)?;
            Ok(out.flush()?)
        }
        _ => verify_audit_log(config),
    }
}

fn verify_audit_log(config: &Config) -> anyhow::Result<()> {
    let verified = inspect::verify_audit_log(&config.database)?;
    println!("The audit log holds: {} chains, {} events.", verified.chains, verified.events);
    Ok(())
}

/// A server's database is not ours to copy: its own tools do that better.
fn database_file(config: &Config) -> anyhow::Result<&Path> {
    match config.database.file() {
        Some(file) => Ok(file),
        None => bail!(
            "{} is backed up and restored by PostgreSQL's own tools, pg_basebackup or pg_dump and pg_restore; \
             keep a copy of {} beside the backup",
            config.database,
            key_file(config)
        ),
    }
}

fn file(arguments: &ArgMatches) -> PathBuf {
    arguments.get_one::<String>("file").map(PathBuf::from).unwrap_or_default()
}

fn key_file(config: &Config) -> std::path::Display<'_> {
    Path::display(&config.secret_key_file)
}
