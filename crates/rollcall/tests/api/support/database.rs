//! A schema of its own for each test, on the PostgreSQL server that `ROLLCALL_TEST_DATABASE` names; without it tests run on SQLite.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::{Client, Config, NoTls};

/// A schema, dropped with this.
pub(crate) struct Database {
    server: String,
    schema: String,
}

impl Database {
    #[expect(clippy::disallowed_methods, reason = "a switch of the tests, not a setting")]
    pub(crate) async fn new() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("ROLLCALL_TEST_DATABASE").ok().filter(|server| !server.is_empty())?;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let database = Self { server, schema: format!("rollcall_test_{}_{number}", std::process::id()) };
        let client = connect(&database.server).await;
        client.batch_execute(&format!("create schema {}", database.schema())).await.expect("a schema");
        Some(database)
    }

    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }

    /// What a server is started with.
    pub(crate) fn url(&self) -> String {
        let sign = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{sign}options=-csearch_path%3D{}", self.server, self.schema)
    }

    /// A connection beside those of a server, with nothing of ours in between.
    pub(crate) async fn client(&self) -> Client {
        connect(&self.url()).await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, schema) = (self.server.clone(), self.schema.clone());
        // A test's own runtime cannot be waited for from within.
        let dropped = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            let drop = format!("set lock_timeout = '10s'; drop schema {schema} cascade");
            runtime.block_on(async { connect(&server).await.batch_execute(&drop).await })
        });
        match dropped.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => eprintln!("the schema {} stays: {error}", self.schema),
            Err(_) => eprintln!("the schema {} stays", self.schema),
        }
    }
}

async fn connect(server: &str) -> Client {
    let config: Config = server.parse().expect("ROLLCALL_TEST_DATABASE is a postgres:// URL");
    let (client, connection) =
        config.connect(NoTls).await.expect("the PostgreSQL server of the tests answers");
    tokio::spawn(async move { drop(connection.await) });
    client
}
