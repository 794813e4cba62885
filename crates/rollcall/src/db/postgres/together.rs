//! What many requests ask at the same moment, as one statement: whoever comes while one is under way goes with the next.
//!
//! Its snapshot begins after each of them came, so it holds everything that had been acknowledged by then. On a connection of its own, driven
//! by the tasks of the requests' runtime. It never waits for a connection: where there is none just now, everybody asks alone, with the patience
//! of a lane.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{OptionFuture, try_join};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_postgres::{Client, Row, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::session::log;
use super::target::Target;
use super::tls;
use crate::db::row::{self, Source};
use crate::db::{Error, FromRow, OpenError, Position};

/// The most that are asked for at once.
const MOST: usize = 512;
/// How long an answer, and a connection, may take.
const PATIENCE: Duration = Duration::from_millis(250);
const CONNECT: Duration = Duration::from_secs(2);
/// The pause before another connection is tried.
const PAUSE: Duration = Duration::from_millis(100);
/// After how long without a question the connection is given back.
const IDLE: Duration = Duration::from_secs(60);

/// The server plans a statement anew each time where it thinks that it knows the length of a list better then, which here costs more than the look-up.
const PLANNED_ONCE: &str = "set plan_cache_mode = force_generic_plan";

/// Where to ask.
pub(in crate::db) struct Together {
    means: Arc<Means>,
    asks: Mutex<Asks>,
}

/// How to connect, and whether to say where the log stands.
struct Means {
    target: Target,
    tls: MakeRustlsConnect,
    positions: bool,
}

enum Asks {
    /// Begun by the first who asks.
    NotBegun,
    Begun(mpsc::UnboundedSender<Ask>),
    Ended,
}

struct Ask {
    sql: &'static str,
    key: [u8; 32],
    answer: oneshot::Sender<Found>,
}

/// The rows that all have got, and which of them is whose.
struct Found {
    rows: Arc<Vec<Row>>,
    index: Option<usize>,
    position: Option<Position>,
}

struct Link {
    client: Client,
    connection: JoinHandle<()>,
    statement: (&'static str, Statement),
    place: Option<Statement>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

impl Together {
    pub(super) fn new(target: &Target, positions: bool) -> Result<Self, OpenError> {
        let tls = tls::connector(&target.trust).map_err(OpenError::Engine)?;
        let means = Arc::new(Means { target: target.clone(), tls, positions });
        Ok(Self { means, asks: Mutex::new(Asks::NotBegun) })
    }

    /// The row of a key; see [`crate::db::Db::read_together`].
    pub(in crate::db) async fn read<R: FromRow>(
        &self,
        sql: &'static str,
        key: [u8; 32],
    ) -> Option<Result<(Option<R>, Option<Position>), Error>> {
        let (answer, answered) = oneshot::channel();
        self.sender()?.send(Ask { sql, key, answer }).ok()?;
        let Found { rows, index, position } = answered.await.ok()?;
        let row = index.map(|index| R::from_row(&row::Row(Source::Postgres(&rows[index])))).transpose();
        Some(row.map(|row| (row, position)))
    }

    fn sender(&self) -> Option<mpsc::UnboundedSender<Ask>> {
        let mut asks = self.asks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Asks::NotBegun = *asks {
            let (sender, receiver) = mpsc::unbounded_channel();
            tokio::spawn(serve(Arc::clone(&self.means), receiver));
            *asks = Asks::Begun(sender);
        }
        if let Asks::Begun(sender) = &*asks { Some(sender.clone()) } else { None }
    }

    /// Answers nobody any more, and lets go of the connection.
    pub(super) fn stop(&self) {
        *self.asks.lock().unwrap_or_else(PoisonError::into_inner) = Asks::Ended;
    }
}

async fn serve(means: Arc<Means>, mut asks: mpsc::UnboundedReceiver<Ask>) {
    let mut link: Option<Link> = None;
    let mut connecting: Option<JoinHandle<Option<Link>>> = None;
    let mut waiting = Vec::new();
    loop {
        match timeout(IDLE, asks.recv_many(&mut waiting, MOST)).await {
            Ok(0) => return,
            Ok(_) => {}
            Err(_) => link = None,
        }
        let Some(first) = waiting.first() else { continue };
        let sql = first.sql;
        if link.is_none() {
            let begun = connecting.take().unwrap_or_else(|| tokio::spawn(connected(Arc::clone(&means), sql)));
            if begun.is_finished() {
                link = begun.await.ok().flatten();
            } else {
                connecting = Some(begun);
            }
        }
        // Whoever asked something else, or while there is no connection, is let go.
        waiting.retain(|ask| link.as_ref().is_some_and(|link| link.statement.0 == ask.sql));
        let Some(open) = link.as_ref().filter(|_| !waiting.is_empty()) else { continue };
        if !matches!(timeout(PATIENCE, open.answer(&mut waiting)).await, Ok(Ok(()))) {
            tracing::debug!("the connection of all requests together is given up");
            link = None;
        }
        // Those without an answer are let go.
        waiting.clear();
    }
}

/// A connection; after a while none.
async fn connected(means: Arc<Means>, sql: &'static str) -> Option<Link> {
    if let Ok(Ok(link)) = timeout(CONNECT, Link::new(&means, sql)).await {
        return Some(link);
    }
    sleep(PAUSE).await;
    None
}

impl Link {
    async fn new(means: &Means, sql: &'static str) -> Result<Self, tokio_postgres::Error> {
        let (client, connection) = means.target.config.connect(means.tls.clone()).await?;
        // What goes wrong with it is told by the statement that waits for it.
        let connection = tokio::spawn(async move { drop(connection.await) });
        client.batch_execute(PLANNED_ONCE).await?;
        let place: OptionFuture<_> = means.positions.then(|| client.prepare(log::POSITION)).into();
        let (statement, place) = (client.prepare(sql).await?, place.await.transpose()?);
        Ok(Self { client, connection, statement: (sql, statement), place })
    }

    /// Asks once for all of them, and gives each their row.
    async fn answer(&self, waiting: &mut Vec<Ask>) -> Result<(), tokio_postgres::Error> {
        let (mut keys, mut places) = (Vec::new(), HashMap::new());
        for ask in &*waiting {
            places.entry(ask.key).or_insert_with(|| {
                keys.push(ask.key.as_slice());
                keys.len()
            });
        }
        let place: OptionFuture<_> =
            self.place.as_ref().map(|place| self.client.query_one(place, &[])).into();
        let place = async { place.await.transpose() };
        let (rows, place) = try_join(self.client.query(&self.statement.1, &[&keys]), place).await?;
        let position = place.and_then(|row| log::position(row.try_get(0).ok()?, row.try_get(1).ok()?));
        if self.place.is_some() && position.is_none() {
            return Ok(());
        }
        let of_place: HashMap<i64, usize> =
            rows.iter().enumerate().filter_map(|(index, row)| Some((row.try_get(0).ok()?, index))).collect();
        let rows = Arc::new(rows);
        for Ask { key, answer, .. } in waiting.drain(..) {
            let place = places.get(&key).and_then(|place| i64::try_from(*place).ok());
            let index = place.and_then(|place| of_place.get(&place).copied());
            // Whoever asked may have gone away.
            let _ = answer.send(Found { rows: Arc::clone(&rows), index, position });
        }
        Ok(())
    }
}
