//! Where a database is: a file, or a server.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::postgres::target::Target;

/// A database's place. Shown without its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server, or several of which one takes writes.
    Postgres(Box<Target>),
}

impl FromStr for Place {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return url.parse().map(|target| Self::Postgres(Box::new(target)));
        }
        match url.strip_prefix("sqlite://").map(|path| path.trim_start_matches("localhost")) {
            Some(path) if !path.is_empty() && !path.contains('?') => Ok(Self::Sqlite(PathBuf::from(path))),
            _ => Err("give sqlite:///path/to/rollcall.db or postgres://user:password@host:5432/database"
                .to_owned()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(formatter),
            Self::Postgres(target) => target.fmt(formatter),
        }
    }
}

impl Place {
    /// The file, where it is one.
    #[must_use]
    pub fn file(&self) -> Option<&PathBuf> {
        if let Self::Sqlite(path) = self { Some(path) } else { None }
    }
}
