//! How the storage is opened.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Place, Target};
use crate::entropy::Entropy;

/// How the storage is opened.
#[derive(Clone)]
pub struct Settings {
    /// Where it is.
    pub place: Place,
    /// PostgreSQL: hot standbys that answer queries.
    pub standbys: Vec<Target>,
    /// SQLite: whether waiting commands share a commit.
    pub grouping: Grouping,
    /// SQLite: threads that answer queries.
    pub readers: usize,
    /// SQLite: what a commit waits for. PostgreSQL's waits for the server's disk at least.
    pub synchronous: Synchronous,
    /// Randomness for ids and salts of the audit log.
    pub entropy: Arc<dyn Entropy>,
}

/// Whether waiting commands share a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// All that wait, one sync.
    Shared,
    /// Each its own. For comparison in benchmarks.
    Single,
}

/// What a commit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronous {
    /// The disk has it. The only choice of the program.
    Full,
    /// The next checkpoint. For the crash test alone, to show that it sees the loss.
    Normal,
    /// Nothing. For the crash test alone, to show that it sees the loss.
    Off,
}

impl Settings {
    /// The program's settings for a database at a place.
    #[must_use]
    pub fn at(place: Place, entropy: Arc<dyn Entropy>) -> Self {
        let (standbys, grouping, synchronous) = (Vec::new(), Grouping::Shared, Synchronous::Full);
        Self { place, standbys, grouping, readers: 2, synchronous, entropy }
    }

    /// The same for an SQLite file.
    #[must_use]
    pub fn sqlite(path: PathBuf, entropy: Arc<dyn Entropy>) -> Self {
        Self::at(Place::Sqlite(path), entropy)
    }
}
