//! Runs statements that read, on whichever engine.

use rusqlite::Connection;

use super::postgres::session::Session;
use super::row::{Row, Source};
use super::sqlite::values::bound;
use super::{Args, Error, FromRow, Position, Sql, Value};

/// One snapshot of the data.
pub struct Reader<'a>(pub(super) Snapshot<'a>);

/// Whose snapshot it is.
pub(super) enum Snapshot<'a> {
    Sqlite(&'a Connection),
    Postgres(&'a Session),
}

impl Reader<'_> {
    /// All rows.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn fetch_all<R: FromRow>(&self, sql: impl Into<Sql>, args: impl Args) -> Result<Vec<R>, Error> {
        let (sql, values) = (sql.into(), args.values());
        match self.0 {
            Snapshot::Sqlite(connection) => {
                let mut statement = bound(connection, sql.sqlite, &values)?;
                let mut rows = statement.raw_query();
                let mut found = Vec::new();
                while let Some(row) = rows.next()? {
                    found.push(R::from_row(&Row(Source::Sqlite(row)))?);
                }
                Ok(found)
            }
            Snapshot::Postgres(session) => {
                let rows = session.query(sql.postgres, &values)?;
                rows.iter().map(|row| R::from_row(&Row(Source::Postgres(row)))).collect()
            }
        }
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn fetch_optional<R: FromRow>(
        &self,
        sql: impl Into<Sql>,
        args: impl Args,
    ) -> Result<Option<R>, Error> {
        self.first(sql.into(), &args.values())
    }

    /// The first row, which must be there.
    ///
    /// # Errors
    /// [`Error::Missing`] where it is not.
    pub fn fetch_one<R: FromRow>(&self, sql: impl Into<Sql>, args: impl Args) -> Result<R, Error> {
        self.fetch_optional(sql, args)?.ok_or(Error::Missing)
    }

    pub(super) fn first<R: FromRow>(&self, sql: Sql, values: &[Value]) -> Result<Option<R>, Error> {
        match self.0 {
            Snapshot::Sqlite(connection) => {
                let mut statement = bound(connection, sql.sqlite, values)?;
                let mut rows = statement.raw_query();
                rows.next()?.map(|row| R::from_row(&Row(Source::Sqlite(row)))).transpose()
            }
            Snapshot::Postgres(session) => {
                let rows = session.query(sql.postgres, values)?;
                rows.first().map(|row| R::from_row(&Row(Source::Postgres(row)))).transpose()
            }
        }
    }

    /// The first row, and where the log of the database stood.
    pub(super) fn first_at<R: FromRow>(
        &self,
        sql: Sql,
        values: &[Value],
    ) -> Result<(Option<R>, Option<Position>), Error> {
        match self.0 {
            Snapshot::Sqlite(_) => Ok((self.first(sql, values)?, None)),
            Snapshot::Postgres(session) => {
                let (rows, position) = session.query_at(sql.postgres, values)?;
                let row = rows.first().map(|row| R::from_row(&Row(Source::Postgres(row)))).transpose()?;
                Ok((row, Some(position)))
            }
        }
    }

    /// For [`super::Tx`] alone.
    pub(super) fn lock(&self, postgres: &'static str, args: &impl Args) -> Result<(), Error> {
        match self.0 {
            Snapshot::Sqlite(_) => Ok(()),
            // Nobody looks at what it finds. The next statement goes out behind it, and waits where it waits.
            Snapshot::Postgres(session) => session.send(postgres, args.values()),
        }
    }

    /// For [`super::Tx`] alone.
    pub(super) fn has_rivals(&self) -> bool {
        matches!(self.0, Snapshot::Postgres(_))
    }

    /// For [`super::Tx`] alone. Nobody else can hold it where one process has one writer.
    pub(super) fn claim(&self, number: i64) -> Result<bool, Error> {
        match self.0 {
            Snapshot::Sqlite(_) => Ok(true),
            Snapshot::Postgres(_) => {
                let (taken,) = self.fetch_one("select pg_try_advisory_xact_lock($1)", (number,))?;
                Ok(taken)
            }
        }
    }

    /// For [`super::Tx`] alone: a statement whose outcome nobody looks at by itself.
    pub(super) fn send(&self, sql: Sql, args: &impl Args) -> Result<(), Error> {
        match self.0 {
            Snapshot::Sqlite(_) => self.execute(sql, args).map(|_| ()),
            Snapshot::Postgres(session) => session.send(sql.postgres, args.values()),
        }
    }

    /// For [`super::Tx`] alone: a statement that changes rows, and how many.
    pub(super) fn execute(&self, sql: Sql, args: &impl Args) -> Result<u64, Error> {
        let values = args.values();
        match self.0 {
            Snapshot::Sqlite(connection) => {
                let changed = bound(connection, sql.sqlite, &values)?.raw_execute()?;
                Ok(u64::try_from(changed).unwrap_or(u64::MAX))
            }
            Snapshot::Postgres(session) => session.execute(sql.postgres, &values),
        }
    }
}
