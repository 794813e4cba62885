//! What each engine says of the tables that it has, in one form.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;
use tokio_postgres::Client;

/// Tables by name.
pub(crate) type Catalogue = BTreeMap<String, Table>;

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    /// In their order.
    pub(crate) columns: Vec<Column>,
    /// The primary key and the unique rules, by the name that a broken one is reported by.
    pub(crate) rules: BTreeMap<String, Rule>,
    /// Other indexes by name.
    pub(crate) indexes: BTreeMap<String, Vec<String>>,
    pub(crate) references: BTreeSet<Reference>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// As SQLite has it: blob, integer or text.
    kind: String,
    required: bool,
    default: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) primary: bool,
    pub(crate) columns: Vec<String>,
    /// Of a rule for some rows.
    condition: String,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reference {
    pub(crate) columns: Vec<String>,
    pub(crate) table: String,
    pub(crate) to: Vec<String>,
    on_delete: String,
}

/// The tables of an SQLite file.
pub(crate) fn of_sqlite(file: &Connection) -> rusqlite::Result<Catalogue> {
    let names =
        rows(file, "select name from sqlite_schema where type = 'table'", |row| row.get::<_, String>(0))?;
    names.into_iter().map(|name| Ok((name.clone(), sqlite_table(file, &name)?))).collect()
}

fn sqlite_table(file: &Connection, table: &str) -> rusqlite::Result<Table> {
    let mut primary = BTreeMap::new();
    let columns = rows(file, &format!("pragma table_info('{table}')"), |row| {
        let (name, place): (String, i64) = (row.get("name")?, row.get("pk")?);
        if place > 0 {
            primary.insert(place, name.clone());
        }
        let kind = row.get::<_, String>("type")?.to_lowercase();
        let required = place > 0 || row.get("notnull")?;
        Ok(Column { name, kind, required, default: row.get("dflt_value")? })
    })?;
    let mut found = Table { columns, ..Table::default() };
    // SQLite reports a broken rule by the table and the last of its columns.
    let name = |columns: &[String]| format!("{table}.{}", columns.last().map_or("", String::as_str));
    let columns: Vec<String> = primary.into_values().collect();
    found.rules.insert(name(&columns), Rule { primary: true, columns, condition: String::new() });
    let indexes = rows(file, &format!("pragma index_list('{table}')"), |row| {
        Ok((row.get::<_, String>("name")?, row.get::<_, bool>("unique")?, row.get::<_, String>("origin")?))
    })?;
    for (index, unique, origin) in indexes.into_iter().filter(|(.., origin)| origin != "pk") {
        let columns =
            rows(file, &format!("pragma index_info('{index}')"), |row| row.get::<_, String>("name"))?;
        let text = file.query_row("select sql from sqlite_schema where name = ?", [&index], |row| row.get(0));
        let text: Option<String> = if origin == "u" { None } else { text? };
        let condition = text.and_then(|text| Some(text.split_once(" where ")?.1.trim().to_owned()));
        if unique {
            let rule = Rule { primary: false, condition: condition.unwrap_or_default(), columns };
            found.rules.insert(name(&rule.columns), rule);
        } else {
            found.indexes.insert(index, columns);
        }
    }
    let mut references: BTreeMap<i64, Reference> = BTreeMap::new();
    rows(file, &format!("pragma foreign_key_list('{table}')"), |row| {
        let (table, on_delete) = (row.get("table")?, row.get::<_, String>("on_delete")?.to_lowercase());
        let reference = references.entry(row.get("id")?).or_insert_with(|| Reference {
            columns: Vec::new(),
            table,
            to: Vec::new(),
            on_delete,
        });
        reference.columns.push(row.get("from")?);
        reference.to.push(row.get("to")?);
        Ok(())
    })?;
    found.references = references.into_values().collect();
    Ok(found)
}

fn rows<T>(
    file: &Connection,
    sql: &str,
    read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    file.prepare(sql)?.query_map((), read)?.collect()
}

/// The tables of a schema.
pub(crate) async fn of_postgres(client: &Client, schema: &str) -> Result<Catalogue, tokio_postgres::Error> {
    let mut catalogue = Catalogue::new();
    let columns = "select table_name::text, column_name::text, data_type::text, is_nullable = 'NO', column_default::text
                   from information_schema.columns where table_schema = $1 order by table_name, ordinal_position";
    for row in client.query(columns, &[&schema]).await? {
        let kind = match row.get::<_, String>(2).as_str() {
            "uuid" | "bytea" => "blob".to_owned(),
            "bigint" | "boolean" => "integer".to_owned(),
            other => other.to_owned(),
        };
        let default =
            row.get::<_, Option<String>>(4).map(|text| text.replace("false", "0").replace("true", "1"));
        let column = Column { name: row.get(1), kind, required: row.get(3), default };
        catalogue.entry(row.get(0)).or_default().columns.push(column);
    }
    let indexes = "select t.relname::text, i.relname::text, x.indisprimary, x.indisunique,
                          coalesce(pg_get_expr(x.indpred, x.indrelid), ''),
                          array(select a.attname::text from unnest(x.indkey) with ordinality k (number, place)
                                join pg_attribute a on a.attrelid = t.oid and a.attnum = k.number order by k.place)
                   from pg_index x join pg_class t on t.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
                   where t.relnamespace = $1::text::regnamespace";
    for row in client.query(indexes, &[&schema]).await? {
        let table = catalogue.entry(row.get(0)).or_default();
        let (name, columns): (String, Vec<String>) = (row.get(1), row.get(5));
        if row.get(3) {
            let condition = row.get::<_, String>(4).replace("::text", "").trim_matches(['(', ')']).to_owned();
            table.rules.insert(name, Rule { primary: row.get(2), columns, condition });
        } else {
            table.indexes.insert(name, columns);
        }
    }
    let references = "select t.relname::text, other.relname::text,
                        case c.confdeltype when 'c' then 'cascade' when 'n' then 'set null' else 'no action' end,
                        array(select a.attname::text from unnest(c.conkey) with ordinality k (number, place)
                              join pg_attribute a on a.attrelid = t.oid and a.attnum = k.number order by k.place),
                        array(select a.attname::text from unnest(c.confkey) with ordinality k (number, place)
                              join pg_attribute a on a.attrelid = other.oid and a.attnum = k.number order by k.place)
                      from pg_constraint c join pg_class t on t.oid = c.conrelid
                      join pg_class other on other.oid = c.confrelid
                      where c.contype = 'f' and t.relnamespace = $1::text::regnamespace";
    for row in client.query(references, &[&schema]).await? {
        let reference =
            Reference { table: row.get(1), on_delete: row.get(2), columns: row.get(3), to: row.get(4) };
        catalogue.entry(row.get(0)).or_default().references.insert(reference);
    }
    Ok(catalogue)
}
