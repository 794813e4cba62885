//! A value of an answer, as either engine hands it over, not yet read as anything.

use super::Error;

/// One column of one row; it borrows from the row.
#[derive(Debug, Clone, Copy)]
pub enum Column<'a> {
    /// Nothing.
    Null,
    /// A truth value, where the engine has such a type.
    Bool(bool),
    /// A number.
    Int(i64),
    /// A text.
    Text(&'a str),
    /// Bytes; a UUID is 16 of them.
    Bytes(&'a [u8]),
    /// What this program stores nowhere.
    Other,
}

impl<'a> Column<'a> {
    pub(super) fn int(self) -> Result<i64, Error> {
        if let Self::Int(number) = self { Ok(number) } else { Err(other("a number")) }
    }

    pub(super) fn bool(self) -> Result<bool, Error> {
        match self {
            Self::Bool(truth) => Ok(truth),
            // SQLite has no type for it.
            Self::Int(number) => Ok(number != 0),
            _ => Err(other("a truth value")),
        }
    }

    pub(super) fn text(self) -> Result<&'a str, Error> {
        if let Self::Text(text) = self { Ok(text) } else { Err(other("a text")) }
    }

    pub(super) fn bytes(self) -> Result<&'a [u8], Error> {
        if let Self::Bytes(bytes) = self { Ok(bytes) } else { Err(other("bytes")) }
    }
}

/// A fault of ours: the statement and the type that it is read as do not fit.
pub(super) fn other(expected: &str) -> Error {
    Error::Internal(format!("a column is not {expected}"))
}
