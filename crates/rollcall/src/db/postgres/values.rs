//! Values on their way into PostgreSQL and out of it: in binary, never as part of a statement's text.

use std::error::Error as StdError;

use bytes::{BufMut, BytesMut};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::db::column::{Column, other};
use crate::db::{Error, Value};

pub(in crate::db) fn column(row: &Row, index: usize) -> Result<Column<'_>, Error> {
    row.try_get(index).map_err(|_| other("there"))
}

impl<'a> FromSql<'a> for Column<'a> {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(match *kind {
            Type::BOOL => Self::Bool(bool::from_sql(kind, raw)?),
            Type::INT8 => Self::Int(i64::from_sql(kind, raw)?),
            // `select 1`, and what the catalogue answers.
            Type::INT4 => Self::Int(i32::from_sql(kind, raw)?.into()),
            Type::INT2 => Self::Int(i16::from_sql(kind, raw)?.into()),
            Type::TEXT | Type::VARCHAR | Type::NAME => Self::Text(std::str::from_utf8(raw)?),
            Type::BYTEA | Type::UUID => Self::Bytes(raw),
            _ => Self::Other,
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match (self, kind) {
            (Self::Null, _) => return Ok(IsNull::Yes),
            (Self::Bool(truth), &Type::BOOL) => out.put_u8(u8::from(*truth)),
            (Self::Int(number), &Type::INT8) => out.put_i64(*number),
            (Self::Int(number), &Type::INT4) => out.put_i32(i32::try_from(*number)?),
            (Self::Text(text), &(Type::TEXT | Type::VARCHAR | Type::NAME)) => out.put_slice(text.as_bytes()),
            (Self::Bytes(bytes), &Type::BYTEA) => out.put_slice(bytes),
            (Self::Uuid(uuid), &Type::UUID) => out.put_slice(uuid.as_bytes()),
            (Self::Time(time), &Type::INT8) => out.put_i64(time.as_microsecond()),
            // Named without the value, which may be a secret.
            (_, kind) => return Err(format!("an argument does not fit a parameter of type {kind}").into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
