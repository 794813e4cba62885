//! The tables of a PostgreSQL schema, each after those that it refers to.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Client;
use tokio_postgres::types::Type;

/// A table that is copied.
pub(super) struct Table {
    /// Its name; those of our schema need no quotes.
    pub(super) name: String,
    columns: Vec<String>,
    /// The types of the columns.
    pub(super) kinds: Vec<Type>,
}

impl Table {
    pub(super) fn column_list(&self) -> String {
        self.columns.join(", ")
    }
}

/// All of ours but the list of migrations, which each side has of its own.
pub(super) async fn all(client: &Client) -> Result<Vec<Table>, tokio_postgres::Error> {
    let names = "select cast(relname as text) from pg_class
                 where relnamespace = (select oid from pg_namespace where nspname = current_schema())
                   and relkind = 'r' and relname <> 'schema_migration'";
    let references = "select cast(t.relname as text), cast(other.relname as text)
                      from pg_constraint join pg_class t on t.oid = conrelid join pg_class other on other.oid = confrelid
                      where contype = 'f' and t.relnamespace = (select oid from pg_namespace where nspname = current_schema())";
    let mut waiting: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in client.query(names, &[]).await? {
        waiting.entry(row.try_get(0)?).or_default();
    }
    for row in client.query(references, &[]).await? {
        let (table, other): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        waiting.entry(table).or_default().insert(other);
    }
    let mut tables = Vec::new();
    for name in ordered(waiting) {
        let statement = client.prepare(&format!("select * from {name} limit 0")).await?;
        let columns = statement.columns().iter().map(|column| column.name().to_owned()).collect();
        let kinds = statement.columns().iter().map(|column| column.type_().clone()).collect();
        tables.push(Table { name, columns, kinds });
    }
    Ok(tables)
}

/// Takes away table by table whose references are all taken already.
fn ordered(mut waiting: BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut ordered: Vec<String> = Vec::new();
    while let Some(name) = waiting
        .iter()
        .find(|(name, others)| others.iter().all(|other| other == *name || !waiting.contains_key(other)))
        // A circle of references cannot be put in order; its rows would refuse the copy by themselves.
        .or_else(|| waiting.iter().next())
        .map(|(name, _)| name.clone())
    {
        waiting.remove(&name);
        ordered.push(name);
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_comes_after_those_that_it_refers_to() {
        let set = |others: &[&str]| others.iter().map(|other| (*other).to_owned()).collect();
        let waiting = [("a", set(&["c"])), ("b", set(&["a", "b"])), ("c", set(&[]))];
        let waiting = waiting.into_iter().map(|(name, others)| (name.to_owned(), others)).collect();
        assert_eq!(ordered(waiting), ["c", "a", "b"]);
    }
}
