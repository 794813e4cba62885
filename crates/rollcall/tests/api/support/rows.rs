//! What is stored, row by row, read by the catalogue: a table that comes later is looked at without being named here.

use std::collections::BTreeMap;

use rollcall::db::{Error, Reader, Sql};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Server;

/// The rows of every table as text, by tenant; no tenant where the table has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rows(BTreeMap<(Option<Uuid>, String), Vec<String>>);

impl Server {
    /// Every row of every table, on one snapshot.
    pub(crate) async fn stored_rows(&self) -> Rows {
        self.app.db.read(all).await.expect("rows")
    }
}

impl Rows {
    /// SHA-256 over all rows of one tenant.
    pub(crate) fn of(&self, organization: Uuid) -> [u8; 32] {
        let mut hash = Sha256::new();
        for ((_, table), rows) in self.0.iter().filter(|((tenant, _), _)| *tenant == Some(organization)) {
            hash.update(format!("{table}\n{}\n", rows.join("\n")));
        }
        hash.finalize().into()
    }

    /// How many tables have rows.
    pub(crate) fn tables(&self) -> usize {
        let names: std::collections::BTreeSet<_> = self.0.keys().map(|(_, table)| table).collect();
        names.len()
    }

    /// How many rows one tenant has.
    pub(crate) fn count(&self, organization: Uuid) -> usize {
        self.0
            .iter()
            .filter(|((tenant, _), _)| *tenant == Some(organization))
            .map(|(_, rows)| rows.len())
            .sum()
    }

    /// The tables that hold something else than another look at the same storage did.
    pub(crate) fn changed_since(&self, before: &Self) -> Vec<String> {
        let keys = self.0.keys().chain(before.0.keys());
        let mut changed: Vec<_> = keys
            .filter(|key| self.0.get(*key) != before.0.get(*key))
            .map(|(_, table)| table.clone())
            .collect();
        changed.sort();
        changed.dedup();
        changed
    }

    /// The tables in which a text occurs, as it is or as the bytes of a column.
    pub(crate) fn holding(&self, text: &str) -> Vec<String> {
        let mut found = self.containing(text);
        found.extend(self.containing(&hex::encode(text)));
        found
    }

    /// The tables whose rows, as text, contain a text.
    pub(crate) fn containing(&self, text: &str) -> Vec<String> {
        let text = text.to_lowercase();
        let holds = |row: &String| row.to_lowercase().contains(&text);
        let found = self.0.iter().filter(|(_, rows)| rows.iter().any(holds));
        found.map(|((_, table), _)| table.clone()).collect()
    }
}

fn all(reader: &Reader<'_>) -> Result<Rows, Error> {
    let mut found = BTreeMap::<_, Vec<_>>::new();
    for (table, columns) in tables(reader)? {
        let tenant = columns.iter().any(|column| column == "organization_id");
        // Each engine has a word of its own for a value as text.
        let select = |quote: &str, none: &str| {
            let tenant = if tenant { "organization_id" } else { none };
            let columns: Vec<_> = columns.iter().map(|column| format!("{quote}(\"{column}\")")).collect();
            leaked(format!("select {tenant}, {} from \"{table}\"", columns.join(" || ' ' || ")))
        };
        let sql = Sql::spelled(select("quote", "null"), select("quote_nullable", "cast(null as uuid)"));
        for (tenant, row) in reader.fetch_all::<(Option<Uuid>, String)>(sql, ())? {
            found.entry((tenant, table.clone())).or_default().push(row);
        }
    }
    for rows in found.values_mut() {
        rows.sort();
    }
    Ok(Rows(found))
}

/// The tables with their columns.
fn tables(reader: &Reader<'_>) -> Result<BTreeMap<String, Vec<String>>, Error> {
    let mut tables = BTreeMap::<_, Vec<_>>::new();
    // The catalogue is each engine's own.
    let columns = Sql::spelled(
        "select item.name, info.name from sqlite_schema item join pragma_table_info(item.name) info
         where item.type = 'table' and item.name not like 'sqlite_%' order by item.name, info.cid",
        "select cast(table_name as text), cast(column_name as text) from information_schema.columns
         where table_schema = current_schema() order by table_name, ordinal_position",
    );
    let columns: Vec<(String, String)> = reader.fetch_all(columns, ())?;
    for (table, column) in columns {
        tables.entry(table).or_default().push(column);
    }
    Ok(tables)
}

/// Statements are texts of the program; those of the catalogue are few.
fn leaked(sql: String) -> &'static str {
    Box::leak(sql.into_boxed_str())
}
