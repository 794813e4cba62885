//! The engines' limits: a bare SQLite loop that commits equal rows in equal groups, and argon2 by itself.

use std::cell::Cell;
use std::path::Path;
use std::time::{Duration, Instant};

use rollcall::db::Grouping;
use rollcall::entropy::SystemEntropy;
use rollcall::passwords::{Cost, Passwords};
use rusqlite::{Connection, params};
use uuid::Uuid;

use crate::contestant::Folder;
use crate::data;

/// The statements of one `POST /v1/team`, without anything around them.
const ROWS: [&str; 6] = [
    "update organization set version = version + 1 where organization_id = ?1",
    "insert into directory (id, organization_id) values (?2, ?1)",
    "insert into team (organization_id, team_id, name, name_key, created_at) values (?1, ?2, ?3, ?3, 1)",
    "insert into membership (organization_id, team_id, customer_id, role, joined_at)
     values (?1, ?2, (select customer_id from customer where organization_id = ?1 limit 1), 'manager', 1)",
    "insert into audit_event (organization_id, seq, event_id, at, actor_id, action, target_type, target_id, request_id, ip,
                              ip_salt, ip_digest, hash)
     values (?1, (select coalesce(max(seq), 0) + 1 from audit_event where organization_id = ?1), ?2, 1, ?2, 'team.created',
             'team', ?3, ?3, '127.0.0.1', zeroblob(16), zeroblob(32), zeroblob(32))",
    "insert into audit_head (organization_id, seq, hash) values (?1, 1, zeroblob(32))
     on conflict (organization_id) do update set seq = seq + 1, hash = excluded.hash",
];

/// A database of Rollcall's schema, for a loop of our own.
pub(crate) struct Loop {
    connection: Connection,
    organization: Vec<u8>,
    made: Cell<u32>,
    _folder: Folder,
}

impl Loop {
    pub(crate) async fn new() -> Self {
        let folder = Folder::new("loop");
        let running = data::start(folder.path(), &[], Grouping::Shared).await;
        data::fill(&running.app.db, 10, "").await;
        running.stop(tokio::time::Instant::now()).await;
        let connection = open(&folder.path().join("rollcall.db")).expect("the database opens");
        let organization = connection
            .query_row("select organization_id from organization", (), |row| row.get(0))
            .expect("an organization");
        Self { connection, organization, made: Cell::new(0), _folder: folder }
    }

    /// Creates per second with so many in each commit.
    pub(crate) fn rate(&self, group: usize, run: Duration) -> f64 {
        let (begun, mut made) = (Instant::now(), 0_u32);
        while begun.elapsed() < run {
            self.connection.execute_batch("begin immediate").expect("begun");
            for _ in 0..group {
                // One after the other, as UUIDv7s are.
                let id = (1_u128 + u128::from(self.made.replace(self.made.get() + 1))).to_be_bytes();
                let name = Uuid::from_bytes(id).to_string();
                for sql in ROWS {
                    let mut statement = self.connection.prepare_cached(sql).expect("prepared");
                    let all = params![self.organization, id, name];
                    let count = statement.parameter_count();
                    statement.execute(&all[..count]).expect("a row");
                }
                made += 1;
            }
            self.connection.execute_batch("commit").expect("synced");
        }
        f64::from(made) / begun.elapsed().as_secs_f64()
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(16);
    Ok(connection)
}

/// Password hashes per second, as many at a time as there are cores.
pub(crate) async fn hashes(run: Duration) -> f64 {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let passwords = Passwords::new(Cost::SERVICE, cores, &SystemEntropy);
    let begun = Instant::now();
    let tasks: Vec<_> = (0..cores)
        .map(|_| {
            let passwords = passwords.clone();
            tokio::spawn(async move {
                let mut made = 0_u32;
                while begun.elapsed() < run {
                    passwords.hash("a long passphrase", &SystemEntropy).await.expect("hashed");
                    made += 1;
                }
                made
            })
        })
        .collect();
    let mut made = 0;
    for task in tasks {
        made += task.await.expect("a core");
    }
    f64::from(made) / begun.elapsed().as_secs_f64()
}
