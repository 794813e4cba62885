//! A connection to the server, and the statements that are prepared in it.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::db::Position;

/// A commit that was acknowledged is on the server's disk, whatever its configuration, the database, the role or the URL says: nothing is
/// answered on the strength of memory. Stricter settings, which wait for standbys as well, stay as they are.
const DURABLE: &str = "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'";

/// A connection, and what is known of it.
pub(super) struct Link {
    pub(super) client: Client,
    connection: JoinHandle<()>,
    /// By their text, which is part of the program: there are only so many.
    statements: RefCell<HashMap<&'static str, Statement>>,
    /// How far it had replayed when it was last asked, where it is a standby.
    pub(super) replayed: Cell<Option<Position>>,
}

impl Link {
    /// Connects to the server.
    pub(super) async fn open(config: &Config, tls: MakeRustlsConnect) -> Result<Self, tokio_postgres::Error> {
        let (client, connection) = config.connect(tls).await?;
        // What goes wrong with it is told by the statement that waits for it.
        let connection = tokio::spawn(async move { drop(connection.await) });
        client.batch_execute(DURABLE).await?;
        Ok(Self { client, connection, statements: RefCell::default(), replayed: Cell::new(None) })
    }

    /// Ends it at once.
    pub(super) async fn close(self) {
        drop(self.client);
        self.connection.abort();
        // It has been ended, by us or by itself; nothing else can come of it.
        let _ = self.connection.await;
    }

    /// A statement that the server knows from then on.
    pub(super) async fn statement(&self, sql: &'static str) -> Result<Statement, tokio_postgres::Error> {
        let known = self.statements.borrow().get(sql).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.client.prepare(sql).await?;
        self.statements.borrow_mut().insert(sql, statement.clone());
        Ok(statement)
    }
}
