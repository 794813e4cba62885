//! The data that every contestant of the benchmarks begins with: organizations of ten customers with a team each.

use std::ffi::OsString;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use rollcall::clock::{Clock, SystemClock};
use rollcall::config::{Config, Settings};
use rollcall::db::{Db, Error, Grouping, Tx};
use rollcall::domain::event::{By, Event};
use rollcall::domain::token::{Token, TokenKind};
use rollcall::start::{self, Means, Running};
use uuid::Uuid;

/// Customers of one organization, all in its one team; the first is its root.
const MEMBERS: u32 = 10;
/// Customers that one transaction adds.
const BATCH: u32 = 5_000;
/// The most sessions: more than that is not drawn from.
const SESSIONS: u32 = 10_000;

/// Starts Rollcall in this process with settings `(name, value)` as the environment would give them.
pub(crate) async fn start(folder: &Path, settings: &[(&str, &str)], grouping: Grouping) -> Running {
    std::fs::create_dir_all(folder).expect("a folder");
    let matches =
        clap::Command::new("rollcall").args(rollcall::config::flags()).get_matches_from(["rollcall"]);
    let data_dir = (OsString::from("ROLLCALL_DATA_DIR"), folder.as_os_str().to_owned());
    let others = settings.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let settings = Settings::gather(&matches, others.chain([data_dir]), folder).expect("settings");
    let means = Means { grouping, ..Means::system() };
    start::start(Config::new(&settings).expect("a configuration"), means).await.expect("it starts")
}

/// The access token of a customer. Known beforehand, so that no run has to sign in.
pub(crate) fn token(customer: u32) -> Token {
    let mut secret = [7; 32];
    secret[..4].copy_from_slice(&customer.to_be_bytes());
    Token::new(TokenKind::Access, secret)
}

/// The team of a customer.
pub(crate) fn team(customer: u32) -> Uuid {
    id(2, customer / MEMBERS)
}

/// A customer's id.
pub(crate) fn customer(number: u32) -> Uuid {
    id(3, number)
}

/// The organization of a customer.
pub(crate) fn organization(customer: u32) -> Uuid {
    id(1, customer / MEMBERS)
}

/// One in so many customers has a session.
pub(crate) fn stride(customers: u32) -> u32 {
    customers.div_ceil(SESSIONS).max(1)
}

fn id(kind: u8, number: u32) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + (u128::from(kind) << 40) + u128::from(number))
}

/// Fills an empty storage; `password_hash` is everybody's.
pub(crate) async fn fill(db: &Db, customers: u32, password_hash: &str) {
    let now = SystemClock.now();
    for first in (0..customers).step_by(BATCH as usize) {
        let (hash, last) = (password_hash.to_owned(), customers.min(first + BATCH));
        let filled: Result<(), Error> = db
            .write(move |tx| {
                for customer in first..last {
                    add(&tx, customer, customer % stride(customers) == 0, &hash, now)?;
                }
                tx.commit(&By::service("bench"), now, Event::upkeep(), ())
            })
            .await;
        filled.expect("the data is in");
    }
}

fn add(tx: &Tx<'_>, customer: u32, session: bool, hash: &str, now: Timestamp) -> Result<(), Error> {
    let (organization_id, team_id, customer_id) =
        (organization(customer), team(customer), self::customer(customer));
    let root = customer.is_multiple_of(MEMBERS);
    if root {
        tx.execute(
            "insert into organization (organization_id, name, plan, plan_version, created_at)
             values ($1, 'Example', 'developer', 'v1', $2)",
            (organization_id, now),
        )?;
        tx.execute(
            "insert into directory (id, organization_id) values ($1, $2)",
            (team_id, organization_id),
        )?;
        tx.execute(
            "insert into team (organization_id, team_id, name, name_key, created_at)
             values ($1, $2, 'Platform', 'platform', $3)",
            (organization_id, team_id, now),
        )?;
    }
    tx.execute(
        "insert into identity (customer_id, organization_id, email, email_key, name, surname, created_at)
         values ($1, $2, $3, $3, 'Ann', 'Archer', $4)",
        (customer_id, organization_id, format!("member-{customer}@example.com"), now),
    )?;
    tx.execute(
        "insert into customer (organization_id, customer_id, root, password_hash) values ($1, $2, $3, $4)",
        (organization_id, customer_id, root, hash),
    )?;
    tx.execute(
        "insert into membership (organization_id, team_id, customer_id, role, joined_at)
         values ($1, $2, $3, 'manager', $4)",
        (organization_id, team_id, customer_id, now),
    )?;
    if session {
        let session_id = id(4, customer);
        tx.execute(
            "insert into session (organization_id, session_id, customer_id, created_at, used_at)
             values ($1, $2, $3, $4, $4)",
            (organization_id, session_id, customer_id, now),
        )?;
        let later = now + SignedDuration::from_hours(24);
        tx.execute(
            "insert into token (token_digest, kind, organization_id, session_id, customer_id, expires_at)
             values ($1, 'access', $2, $3, $4, $5)",
            (token(customer).digest(), organization_id, session_id, customer_id, later),
        )?;
    }
    Ok(())
}
