//! Runs statements that read.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql};

use super::row::Row;
use super::{Args, Error, FromRow, Value};

/// One snapshot of the data.
pub struct Reader<'a> {
    pub(super) connection: &'a Connection,
}

/// `$1` is a parameter's NAME to SQLite, numbered by its first place in the text, so each is bound by name.
const NAMES: [&str; 16] =
    ["$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$16"];

impl Reader<'_> {
    /// All rows.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn fetch_all<R: FromRow>(&self, sql: &'static str, args: impl Args) -> Result<Vec<R>, Error> {
        let mut statement = self.bound(sql, &args.values())?;
        let mut rows = statement.raw_query();
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(R::from_row(&Row(row))?);
        }
        Ok(found)
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn fetch_optional<R: FromRow>(&self, sql: &'static str, args: impl Args) -> Result<Option<R>, Error> {
        let mut statement = self.bound(sql, &args.values())?;
        let mut rows = statement.raw_query();
        rows.next()?.map(|row| R::from_row(&Row(row))).transpose()
    }

    /// The first row, which must be there.
    ///
    /// # Errors
    /// [`Error::Missing`] where it is not.
    pub fn fetch_one<R: FromRow>(&self, sql: &'static str, args: impl Args) -> Result<R, Error> {
        self.fetch_optional(sql, args)?.ok_or(Error::Missing)
    }

    pub(super) fn bound(&self, sql: &'static str, values: &[Value]) -> Result<CachedStatement<'_>, Error> {
        let mut statement = self.connection.prepare_cached(sql)?;
        for (name, value) in NAMES.iter().zip(values) {
            let index = statement
                .parameter_index(name)?
                .ok_or_else(|| Error::Internal(format!("{name} does not occur in its statement")))?;
            statement.raw_bind_parameter(index, value)?;
        }
        Ok(statement)
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Bool(truth) => ToSqlOutput::from(*truth),
            Self::Int(number) => ToSqlOutput::from(*number),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Self::Uuid(uuid) => ToSqlOutput::Borrowed(ValueRef::Blob(uuid.as_bytes())),
            Self::Time(time) => ToSqlOutput::from(time.as_microsecond()),
        })
    }
}
