//! A whole SQLite database into an empty PostgreSQL one: in one transaction, compared before it is committed.
//!
//! Whatever goes wrong, the target is as it was: beginning anew is resuming. The source is only read, and locked against a server that would
//! go on writing to it.

mod tables;

use std::path::{Path, PathBuf};
use std::pin::pin;

use futures_util::TryStreamExt;
use jiff::Timestamp;
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};
use uuid::Uuid;

use self::tables::Table;
use super::postgres::fault::words;
use super::sqlite::lock::FileLock;
use super::{Column, Error, OpenError, Target, Value, inspect, migrations, postgres, sqlite};

/// How many rows go by between two calls of the progress.
const STEP: u64 = 2_000;

/// Why nothing was copied: one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// One of the two databases.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The source is older than this program.
    #[error("{0} has schema {1}, this program knows {2}: run `rollcall migrate` on it first")]
    SourceOlder(PathBuf, i64, i64),
    /// The target is in use.
    #[error("{0} is not empty (it has rows in {1}); nothing was copied")]
    NotEmpty(String, String),
    /// A table could not be read or written.
    #[error("the table {0} could not be copied, and nothing was: {1}")]
    Table(String, String),
    /// What arrived is not what was sent.
    #[error(
        "the table {0} is not the same on both sides, so nothing was copied: {1} rows were read, {2} arrived"
    )]
    Differs(String, u64, u64),
    /// The end of the transaction.
    #[error("the copy could not be committed: {0}")]
    Commit(String),
}

/// How far it is: a table, rows done, rows in all.
pub type Progress<'a> = dyn FnMut(&str, u64, u64) + 'a;

/// Copies every table and says how many rows each has. The target is brought to this program's schema first.
///
/// # Errors
/// See [`CopyError`]; then the target holds nothing.
pub fn copy(
    from: &Path,
    to: &Target,
    now: Timestamp,
    progress: &mut Progress<'_>,
) -> Result<Vec<(String, u64)>, CopyError> {
    let source = inspect::ours(from)?;
    let _lock = FileLock::take(from)?;
    let (found, known) = (sqlite::migrate::version(&source)?, migrations::known());
    if found < known {
        return Err(CopyError::SourceOlder(from.to_owned(), found, known));
    }
    let session = postgres::migrate::connect(to)?;
    postgres::migrate::migrate(&session, to, now)?;
    let copied = session.work(async |client| transfer(client, &source, to, progress).await);
    copied.unwrap_or_else(|| Err(CopyError::Commit("the connection is gone".to_owned())))
}

async fn transfer(
    client: &Client,
    source: &Connection,
    to: &Target,
    progress: &mut Progress<'_>,
) -> Result<Vec<(String, u64)>, CopyError> {
    let failed = |table: &str| {
        let table = table.to_owned();
        move |error: tokio_postgres::Error| CopyError::Table(table.clone(), words(&error))
    };
    client.batch_execute("begin").await.map_err(|error| CopyError::Commit(words(&error)))?;
    let tables = tables::all(client).await.map_err(failed("schema_migration"))?;
    for table in &tables {
        // Nobody writes beside this, and nobody has.
        let lock = format!("lock table {} in share row exclusive mode", table.name);
        client.batch_execute(&lock).await.map_err(failed(&table.name))?;
        let any = format!("select from {} limit 1", table.name);
        if !client.query(&any, &[]).await.map_err(failed(&table.name))?.is_empty() {
            return Err(CopyError::NotEmpty(to.to_string(), table.name.clone()));
        }
    }
    let mut copied = Vec::new();
    for table in tables {
        let sent = send(client, source, &table, progress).await?;
        let arrived = arrived(client, &table).await.map_err(failed(&table.name))?;
        if sent != arrived {
            return Err(CopyError::Differs(table.name, sent.rows, arrived.rows));
        }
        copied.push((table.name, sent.rows));
    }
    client.batch_execute("commit").await.map_err(|error| CopyError::Commit(words(&error)))?;
    Ok(copied)
}

/// How many rows, and a digest of them all in whatever order.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    rows: u64,
    digest: [u8; 32],
}

impl Sum {
    /// Rows are distinct by their keys, so that no two cancel each other out.
    fn add(&mut self, row: Sha256) {
        self.rows += 1;
        for (sum, byte) in self.digest.iter_mut().zip(row.finalize()) {
            *sum ^= byte;
        }
    }
}

async fn send(
    client: &Client,
    source: &Connection,
    table: &Table,
    progress: &mut Progress<'_>,
) -> Result<Sum, CopyError> {
    let failed = |why: String| CopyError::Table(table.name.clone(), why);
    let unsent = |error: tokio_postgres::Error| failed(words(&error));
    let unread = |error: rusqlite::Error| failed(error.to_string());
    let count = format!("select count(*) from {}", table.name);
    let total: i64 = source.query_row(&count, (), |row| row.get(0)).map_err(unread)?;
    let total = total.unsigned_abs();
    let columns = table.column_list();
    let copy = format!("copy {} ({columns}) from stdin (format binary)", table.name);
    let sink = client.copy_in(&copy).await.map_err(unsent)?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &table.kinds));
    let mut statement = source.prepare(&format!("select {columns} from {}", table.name)).map_err(unread)?;
    let mut rows = statement.query(()).map_err(unread)?;
    let mut sum = Sum::default();
    progress(&table.name, 0, total);
    while let Some(row) = rows.next().map_err(unread)? {
        let (mut digest, mut values) = (Sha256::new(), Vec::with_capacity(table.kinds.len()));
        for (index, kind) in table.kinds.iter().enumerate() {
            let read = sqlite::values::column(row, index).and_then(|column| {
                seal(&mut digest, column);
                value(column, kind)
            });
            values.push(read.map_err(|error| failed(error.to_string()))?);
        }
        sum.add(digest);
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as _).collect();
        writer.as_mut().write(&values).await.map_err(unsent)?;
        if sum.rows.is_multiple_of(STEP) || sum.rows == total {
            progress(&table.name, sum.rows, total);
        }
    }
    writer.finish().await.map_err(unsent)?;
    Ok(sum)
}

/// Read back within the transaction.
async fn arrived(client: &Client, table: &Table) -> Result<Sum, tokio_postgres::Error> {
    let select = format!("select {} from {}", table.column_list(), table.name);
    let mut rows = pin!(client.query_raw(&select, std::iter::empty::<&str>()).await?);
    let mut sum = Sum::default();
    while let Some(row) = rows.try_next().await? {
        sum.add(sealed(&row)?);
    }
    Ok(sum)
}

fn sealed(row: &Row) -> Result<Sha256, tokio_postgres::Error> {
    let mut digest = Sha256::new();
    for index in 0..row.len() {
        seal(&mut digest, row.try_get(index)?);
    }
    Ok(digest)
}

/// Each value with its kind and length before it; a truth value is the number that SQLite has for it.
fn seal(digest: &mut Sha256, column: Column<'_>) {
    let number;
    let (kind, bytes): (u8, &[u8]) = match column {
        Column::Null => (0, &[]),
        Column::Bool(_) | Column::Int(_) => {
            number = column.int().unwrap_or_else(|_| column.bool().map_or(0, i64::from)).to_be_bytes();
            (1, &number)
        }
        Column::Text(text) => (2, text.as_bytes()),
        Column::Bytes(bytes) => (3, bytes),
        Column::Other => (4, &[]),
    };
    digest.update([kind]);
    digest.update((bytes.len() as u64).to_be_bytes());
    digest.update(bytes);
}

/// A value of SQLite's as the column of PostgreSQL's wants it.
fn value(column: Column<'_>, kind: &Type) -> Result<Value, Error> {
    Ok(match (column, kind) {
        (Column::Null, _) => Value::Null,
        (Column::Int(_), &Type::BOOL) => Value::Bool(column.bool()?),
        (Column::Int(number), _) => Value::Int(number),
        (Column::Bytes(bytes), &Type::UUID) => {
            Value::Uuid(Uuid::from_slice(bytes).map_err(|_| Error::Internal("an id is no UUID".to_owned()))?)
        }
        (Column::Bytes(bytes), _) => Value::Bytes(bytes.to_vec()),
        (column, _) => Value::Text(column.text()?.to_owned()),
    })
}
