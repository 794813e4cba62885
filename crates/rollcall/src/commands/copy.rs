//! `rollcall copy`: from the SQLite file that one began with to a PostgreSQL database.

use std::io::{IsTerminal, Write, stderr};

use anyhow::bail;
use clap::{Arg, ArgMatches, Command};
use rollcall::clock::{Clock, SystemClock};
use rollcall::db::Place;
use rollcall::db::copy::copy;

/// The command with its help.
pub(super) fn command() -> Command {
    let place = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("URL").required(true).help(help)
    };
    Command::new("copy")
        .about(
            "Copy everything from an SQLite file into an empty PostgreSQL database; no server may be running",
        )
        .arg(place("from", "sqlite:///path/to/rollcall.db"))
        .arg(place("to", "postgres://user:password@host/database"))
}

pub(super) fn run(arguments: &ArgMatches) -> anyhow::Result<()> {
    let (from, to) = (parse(arguments, "from")?, parse(arguments, "to")?);
    let (Place::Sqlite(file), Place::Postgres(target)) = (&from, &to) else {
        bail!("copy goes from sqlite:// to postgres://");
    };
    let mut bar = Bar { shown: stderr().is_terminal(), last: String::new() };
    let copied =
        copy(file, target, SystemClock.now(), &mut |table, done, total| bar.show(table, done, total))?;
    bar.end();
    let rows: u64 = copied.iter().map(|(_, rows)| rows).sum();
    println!("{to} holds what {from} holds: {rows} rows in {} tables, compared one by one.", copied.len());
    for (table, rows) in copied.iter().filter(|(_, rows)| *rows > 0) {
        println!("{rows:>12}  {table}");
    }
    println!("Start the server with --database-url and the same key file; then put {from} away.");
    Ok(())
}

fn parse(arguments: &ArgMatches, name: &str) -> anyhow::Result<Place> {
    let url = arguments.get_one::<String>(name).map(String::as_str).unwrap_or_default();
    url.parse().map_err(|why| anyhow::anyhow!("--{name}: {why}"))
}

/// One line on the error stream that is drawn again and again; without a terminal, one line for each table.
struct Bar {
    shown: bool,
    last: String,
}

impl Bar {
    const WIDTH: u64 = 30;

    fn show(&mut self, table: &str, done: u64, total: u64) {
        if !self.shown {
            if self.last != table {
                eprintln!("copying {table}: {total} rows");
                table.clone_into(&mut self.last);
            }
            return;
        }
        let full = (done * Self::WIDTH).checked_div(total).unwrap_or(Self::WIDTH);
        let bar: String = (0..Self::WIDTH).map(|place| if place < full { '#' } else { '.' }).collect();
        eprint!("\r\x1b[K{table:<22} [{bar}] {done}/{total}");
        // A bar that is drawn late harms nobody.
        let _ = stderr().flush();
    }

    fn end(&self) {
        if self.shown {
            eprint!("\r\x1b[K");
        }
    }
}
