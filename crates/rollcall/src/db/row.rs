//! Rows of answers as tuples: each column is read as the type at its place.

use jiff::Timestamp;
use uuid::Uuid;

use super::column::{Column, other};
use super::{Error, postgres, sqlite};

/// A row of an answer.
pub struct Row<'a>(pub(super) Source<'a>);

/// Whose row it is.
pub(super) enum Source<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

/// What a column can be read as.
pub trait FromValue: Sized {
    /// Reads one value.
    ///
    /// # Errors
    /// [`Error::Internal`] where the column holds something else.
    fn from_value(value: Column<'_>) -> Result<Self, Error>;
}

/// What a row can be read as.
pub trait FromRow: Sized {
    /// Reads the row.
    ///
    /// # Errors
    /// [`Error::Internal`] where a column holds something else.
    fn from_row(row: &Row<'_>) -> Result<Self, Error>;
}

impl FromValue for i64 {
    fn from_value(value: Column<'_>) -> Result<Self, Error> {
        value.int()
    }
}

impl FromValue for u32 {
    fn from_value(value: Column<'_>) -> Result<Self, Error> {
        i64::from_value(value)?.try_into().map_err(|_| other("a small number"))
    }
}

impl FromValue for u16 {
    fn from_value(value: Column<'_>) -> Result<Self, Error> {
        i64::from_value(value)?.try_into().map_err(|_| other("a small number"))
    }
}

impl FromValue for bool {
    fn from_value(value: Column<'_>) -> Result<Self, Error> {
        value.bool()
    }
}

impl FromValue for String {
    fn from_value(value: Column<'_>) -> Result<Self, Error> {
        value.text().map(str::to_owned)
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Column<'_>) -> Result<Self, Error> {
        value.bytes().map(<[u8]>::to_vec)
    }
}

impl FromValue for [u8; 32] {
    fn from_value(value: Column<'_>) -> Result<Self, Error> {
        value.bytes()?.try_into().map_err(|_| other("32 bytes"))
    }
}

impl FromValue for Uuid {
    fn from_value(value: Column<'_>) -> Result<Self, Error> {
        Self::from_slice(value.bytes()?).map_err(|_| other("a UUID"))
    }
}

impl FromValue for Timestamp {
    fn from_value(value: Column<'_>) -> Result<Self, Error> {
        Self::from_microsecond(i64::from_value(value)?).map_err(|_| other("a time"))
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Column<'_>) -> Result<Self, Error> {
        if matches!(value, Column::Null) { Ok(None) } else { T::from_value(value).map(Some) }
    }
}

macro_rules! ids {
    ($($id:ident)+) => {$(
        impl FromValue for crate::domain::id::$id {
            fn from_value(value: Column<'_>) -> Result<Self, Error> {
                Uuid::from_value(value).map(Self::from)
            }
        }
    )+};
}

ids! { CustomerId OrganizationId TeamId ServiceId InvitationId ChannelId DeliveryId SessionId EventId FeedbackId }

impl Row<'_> {
    fn get<T: FromValue>(&self, index: usize) -> Result<T, Error> {
        T::from_value(match self.0 {
            Source::Sqlite(row) => sqlite::values::column(row, index)?,
            Source::Postgres(row) => postgres::values::column(row, index)?,
        })
    }
}

macro_rules! rows {
    ($($name:ident $index:literal)+) => {
        impl<$($name: FromValue),+> FromRow for ($($name,)+) {
            fn from_row(row: &Row<'_>) -> Result<Self, Error> {
                Ok(($(row.get::<$name>($index)?,)+))
            }
        }
    };
}

rows! { A 0 }
rows! { A 0 B 1 }
rows! { A 0 B 1 C 2 }
rows! { A 0 B 1 C 2 D 3 }
rows! { A 0 B 1 C 2 D 3 E 4 }
rows! { A 0 B 1 C 2 D 3 E 4 F 5 }
rows! { A 0 B 1 C 2 D 3 E 4 F 5 G 6 }
rows! { A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 }
rows! { A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 }
rows! { A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 }
rows! { A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 }
rows! { A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 }
rows! { A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 }
rows! { A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 }
rows! { A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14 }
rows! { A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14 P 15 }
rows! { A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14 P 15 Q 16 }
rows! { A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14 P 15 Q 16 R 17 }
