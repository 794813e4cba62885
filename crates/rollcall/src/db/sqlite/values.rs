//! Values on their way into SQLite and out of it.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, Row, ToSql};

use crate::db::column::{Column, other};
use crate::db::{Error, Value};

/// `$1` is a parameter's NAME to SQLite, numbered by its first place in the text, so each is bound by name.
const NAMES: [&str; 16] =
    ["$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$16"];

/// A statement, prepared once, with its arguments.
pub(in crate::db) fn bound<'a>(
    connection: &'a Connection,
    sql: &str,
    values: &[Value],
) -> Result<CachedStatement<'a>, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    for (name, value) in NAMES.iter().zip(values) {
        let index = statement
            .parameter_index(name)?
            .ok_or_else(|| Error::Internal(format!("{name} does not occur in its statement")))?;
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(statement)
}

pub(in crate::db) fn column<'a>(row: &'a Row<'_>, index: usize) -> Result<Column<'a>, Error> {
    Ok(match row.get_ref(index).map_err(|_| other("there"))? {
        ValueRef::Null => Column::Null,
        ValueRef::Integer(number) => Column::Int(number),
        ValueRef::Text(text) => Column::Text(std::str::from_utf8(text).map_err(|_| other("a text"))?),
        ValueRef::Blob(bytes) => Column::Bytes(bytes),
        ValueRef::Real(_) => Column::Other,
    })
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
