//! The data that every contestant of the benchmarks begins with: organizations of ten customers with a team each.

use std::ffi::OsString;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use rollcall::clock::{Clock, SystemClock};
use rollcall::config::{Config, Settings};
use rollcall::db::{Db, Error, Grouping, Sql, Tx};
use rollcall::domain::event::{By, Event};
use rollcall::domain::token::{Token, TokenKind};
use rollcall::start::{self, Means, Running};
use uuid::Uuid;

/// Customers of one organization, all in its one team; the first is its root.
const MEMBERS: u32 = 10;
/// Customers that one transaction adds.
const BATCH: u32 = 10_000;
/// Sessions that one transaction adds, each by statements of its own.
const AT_ONCE: usize = 500;
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

/// Fills an empty storage; `password_hash` is everybody's. The engine counts the rows up by itself, or ten million would take hours.
pub(crate) async fn fill(db: &Db, customers: u32, password_hash: &str) {
    let now = SystemClock.now();
    let statements = Statements::new();
    for first in (0..customers).step_by(BATCH as usize) {
        let (hash, last) = (password_hash.to_owned(), customers.min(first + BATCH));
        write(db, now, move |tx| statements.run(tx, (first, last - 1), &hash, now)).await;
    }
    let signed_in: Vec<u32> = (0..customers).step_by(stride(customers) as usize).collect();
    for few in signed_in.chunks(AT_ONCE) {
        let few = few.to_vec();
        write(db, now, move |tx| few.iter().try_for_each(|customer| sign_in(tx, *customer, now))).await;
    }
}

/// A transaction of rows.
async fn write(db: &Db, now: Timestamp, rows: impl Fn(&Tx<'_>) -> Result<(), Error> + Send + Sync + 'static) {
    let written: Result<(), Error> = db
        .write(move |tx| {
            rows(&tx)?;
            tx.commit(&By::service("bench"), now, Event::upkeep(), ())
        })
        .await;
    written.expect("the data is in");
}

/// Statements that make the rows of customers `$1` to `$2`.
#[derive(Clone, Copy)]
struct Statements {
    /// By `$3`, the time.
    timed: [Sql; 4],
    directory: Sql,
    /// By `$3`, the hash of the password.
    customer: Sql,
}

impl Statements {
    fn new() -> Self {
        Self {
            timed: [
                rows(
                    "organization (organization_id, name, plan, plan_version, created_at)",
                    "{organization}, 'Example', 'developer', 'v1', cast($3 as bigint) from number where i % 10 = 0",
                ),
                rows(
                    "team (organization_id, team_id, name, name_key, created_at)",
                    "{organization}, {team}, 'Platform', 'platform', cast($3 as bigint) from number where i % 10 = 0",
                ),
                rows(
                    "identity (customer_id, organization_id, email, email_key, name, surname, created_at)",
                    "{customer}, {organization}, 'member-' || i || '@example.com', 'member-' || i || '@example.com',
                     'Ann', 'Archer', cast($3 as bigint) from number",
                ),
                rows(
                    "membership (organization_id, team_id, customer_id, role, joined_at)",
                    "{organization}, {team}, {customer}, 'manager', cast($3 as bigint) from number",
                ),
            ],
            directory: rows(
                "directory (id, organization_id)",
                "{team}, {organization} from number where i % 10 = 0",
            ),
            customer: rows(
                "customer (organization_id, customer_id, root, password_hash)",
                "{organization}, {customer}, i % 10 = 0, cast($3 as text) from number",
            ),
        }
    }

    fn run(&self, tx: &Tx<'_>, (first, last): (u32, u32), hash: &str, now: Timestamp) -> Result<(), Error> {
        let (first, last) = (i64::from(first), i64::from(last));
        // What the rows refer to is there; where the role may say so, PostgreSQL does not look each of them up.
        let _: Option<(String,)> = tx.fetch_optional(UNCHECKED, ())?;
        let [organization, team, identity, membership] = self.timed;
        tx.execute(organization, (first, last, now))?;
        tx.execute(self.directory, (first, last))?;
        tx.execute(team, (first, last, now))?;
        tx.execute(identity, (first, last, now))?;
        tx.execute(self.customer, (first, last, hash.to_owned()))?;
        tx.execute(membership, (first, last, now))?;
        Ok(())
    }
}

/// Lets a superuser of PostgreSQL leave references unchecked until the commit.
const UNCHECKED: Sql = Sql::spelled(
    "select '' where 1 = 0",
    "select set_config('session_replication_role', 'replica', true) from pg_roles
     where rolname = current_user and rolsuper",
);

/// A statement that makes one row for each number; both engines count alike, and spell ids differently.
fn rows(into: &str, values: &str) -> Sql {
    let text = |id: fn(u8, &str) -> String| -> &'static str {
        let values = values
            .replace("{organization}", &id(1, "(i / 10)"))
            .replace("{team}", &id(2, "(i / 10)"))
            .replace("{customer}", &id(3, "i"));
        format!(
            "insert into {into} with recursive number (i) as
             (select cast($1 as bigint) union all select i + 1 from number where i < $2) select {values}"
        )
        .leak()
    };
    Sql::spelled(
        text(|kind, number| {
            format!("unhex('01900000000070008000' || printf('%02x%010x', {kind}, {number}))")
        }),
        text(|kind, number| {
            format!("cast('01900000-0000-7000-8000-{kind:02x}' || lpad(to_hex({number}), 10, '0') as uuid)")
        }),
    )
}

/// A session of a customer, with its token.
fn sign_in(tx: &Tx<'_>, customer: u32, now: Timestamp) -> Result<(), Error> {
    let (organization_id, customer_id, session_id) =
        (organization(customer), self::customer(customer), id(4, customer));
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
    Ok(())
}
