//! Up to where an answer knows what other processes have committed, as the database itself tells it.

/// Three numbers that were read in one statement. Where a later look finds the same, no commit in between has changed what an answer
/// of the organization shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// When this server began: another one, or the same after a crash, may lack commits of the one before and count them again.
    server: i64,
    /// Where the audit log of the organization ends: each of its changes makes an entry.
    organization: i64,
    /// How many changes there were that reach everybody.
    everybody: i64,
}

impl Mark {
    /// Of what was read.
    #[must_use]
    pub fn new(server: i64, organization: i64, everybody: i64) -> Self {
        Self { server, organization, everybody }
    }
}

/// Counts a change that reaches everybody, last thing before its commit. Each connection counts in a row of its own, as far as there are
/// rows, so that such changes do not wait for each other. One that changed nothing counts nothing: it has no number.
///
/// PostgreSQL's alone: on SQLite one process makes all commits, and counts them itself.
pub(super) const COUNT: &str = "insert into everybody_version (place, version)
     select mod(pg_backend_pid(), 32), 1 where pg_current_xact_id_if_assigned() is not null
     on conflict (place) do update set version = everybody_version.version + 1";
