//! Leases messages that are due: whoever holds the lease delivers, and only the holder may write down what came of it.
//!
//! A lease moves `due_at` to its own end, so that what is leased is not due, and what a dead worker left is due again.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::places::Due;
use super::room::Room;
use crate::app::App;
use crate::db::{self, Committed, Reader, Sql, Tx};
use crate::domain::event::{By, Event};
use crate::domain::id::{DeliveryId, OrganizationId};

/// How long a lease holds: three times what an attempt may take, so that only a dead worker loses one.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// How many messages one look takes in, and how many lanes: what a look costs does not grow with the queue.
const LOOK: i64 = 500;

/// A message that this worker holds.
#[derive(Debug, Clone)]
pub(super) struct Claimed {
    pub(super) delivery_id: DeliveryId,
    pub(super) organization_id: OrganizationId,
    pub(super) room: Room,
    pub(super) host: String,
    pub(super) sealed: Vec<u8>,
    /// Attempts that have ended before this one.
    pub(super) attempts: u32,
    pub(super) expires_at: Timestamp,
    /// Fences: a result under another lease is not written.
    pub(super) lease: Uuid,
}

/// What one look at a room has found.
pub(super) struct Look {
    /// The lanes that have something due, each once.
    pub(super) due: Vec<Due>,
    /// Where the next look begins, nil being the beginning of the ring; none where this one has seen all that is due.
    pub(super) next: Option<Uuid>,
}

/// Looks at what is due in a room: at all of it, or, where that is too much, lane by lane at those that stand after
/// `after` in the ring of the room's lanes.
pub(super) async fn look(app: &App, room: Room, after: Uuid) -> Result<Look, db::Error> {
    let now = app.now();
    app.db
        .read(move |reader| {
            let due = longest_waiting(reader, room, now)?;
            if due.iter().map(|lane| lane.messages).sum::<i64>() < LOOK {
                return Ok(Look { due, next: None });
            }
            ring(reader, room, after, now)
        })
        .await
}

fn longest_waiting(reader: &Reader<'_>, room: Room, now: Timestamp) -> Result<Vec<Due>, db::Error> {
    let rows: Vec<(Uuid, OrganizationId, String)> = reader.fetch_all(
        "select lane, organization_id, host from outbox where room = $1 and due_at <= $2
         order by due_at, delivery_id limit $3",
        (room.as_str(), now, LOOK),
    )?;
    let mut due: Vec<Due> = Vec::new();
    let mut places = HashMap::new();
    for (lane, organization_id, host) in rows {
        let index = *places.entry(lane).or_insert_with(|| {
            due.push(Due { lane, organization_id, host, messages: 0 });
            due.len() - 1
        });
        due[index].messages += 1;
    }
    Ok(due)
}

/// From lane to lane by the index, past whatever waits in each: a backlog is one step like any other.
fn ring(reader: &Reader<'_>, room: Room, after: Uuid, now: Timestamp) -> Result<Look, db::Error> {
    let lanes: Vec<(Uuid, OrganizationId, String, Timestamp)> = reader.fetch_all(
        "with recursive lanes (lane, number) as (
           select (select outbox.lane from outbox where outbox.room = $1 and outbox.lane > $2
                   order by outbox.lane limit 1), cast(1 as bigint)
           union all
           select (select outbox.lane from outbox where outbox.room = $1 and outbox.lane > lanes.lane
                   order by outbox.lane limit 1), lanes.number + 1
           from lanes where lanes.lane is not null and lanes.number < $3)
         select lanes.lane, first.organization_id, first.host, first.due_at
         from lanes join outbox first on first.delivery_id = (
           select outbox.delivery_id from outbox where outbox.room = $1 and outbox.lane = lanes.lane
           order by outbox.due_at limit 1)
         order by lanes.number",
        (room.as_str(), after, LOOK),
    )?;
    let full = i64::try_from(lanes.len()).is_ok_and(|count| count >= LOOK);
    let next = lanes.last().filter(|_| full).map_or(Uuid::nil(), |(lane, ..)| *lane);
    let due = lanes
        .into_iter()
        .filter(|(.., due_at)| *due_at <= now)
        .map(|(lane, organization_id, host, _)| Due { lane, organization_id, host, messages: i64::MAX });
    Ok(Look { due: due.collect(), next: Some(next) })
}

/// Leases up to so many messages of each lane, the longest waiting first.
pub(super) async fn lease(app: &App, room: Room, lanes: Vec<(Uuid, i64)>) -> Result<Vec<Claimed>, db::Error> {
    let (now, lease) = (app.now(), app.fresh_uuid(app.now()));
    app.db.write(move |tx| lease_due(tx, room, &lanes, lease, now)).await
}

/// Two spellings: workers of other processes lease at the same time, and pass over what this one is just taking instead of waiting
/// for it. SQLite has one process, one writer, and no word for it. The rows are chosen once, before the change
/// (`materialized`): planned as a join, the choice could be made anew and exceed the limit.
const LEASE_DUE: Sql = Sql::spelled(
    "update outbox set lease = $1, due_at = $2
     where delivery_id in (
       select delivery_id from outbox where room = $4 and lane = $5 and due_at <= $3
       order by due_at limit $6)
     returning delivery_id, organization_id, host, message_sealed, attempts, expires_at",
    "with due as materialized (
       select delivery_id from outbox where room = $4 and lane = $5 and due_at <= $3
       order by due_at limit $6
       for update skip locked)
     update outbox set lease = $1, due_at = $2
     where delivery_id in (select delivery_id from due)
     returning delivery_id, organization_id, host, message_sealed, attempts, expires_at",
);

type Row = (DeliveryId, OrganizationId, String, Vec<u8>, u32, Timestamp);

fn lease_due(
    tx: Tx<'_>,
    room: Room,
    lanes: &[(Uuid, i64)],
    lease: Uuid,
    now: Timestamp,
) -> Result<Committed<Vec<Claimed>>, db::Error> {
    let mut claimed = Vec::new();
    for (lane, most) in lanes {
        let rows: Vec<Row> =
            tx.fetch_all(LEASE_DUE, (lease, now + LEASE, now, room.as_str(), *lane, *most))?;
        claimed.extend(rows.into_iter().map(
            |(delivery_id, organization_id, host, sealed, attempts, expires_at)| Claimed {
                delivery_id,
                organization_id,
                room,
                host,
                sealed,
                attempts,
                expires_at,
                lease,
            },
        ));
    }
    tx.commit(&By::service("outbox"), now, Event::upkeep(), claimed)
}

/// How many messages there are, due or not.
pub async fn waiting(app: &App) -> Result<u32, db::Error> {
    let row: Option<(u32,)> = app.db.read_one("select count(*) from outbox", ()).await?;
    Ok(row.map_or(0, |(count,)| count))
}

/// Ends every lease, where the storage lets only one process in: whoever held them is dead.
pub(super) async fn release_dead(app: &App) -> Result<(), db::Error> {
    if !app.db.is_exclusive() {
        return Ok(());
    }
    let now = app.now();
    app.db
        .write(move |tx| {
            tx.execute("update outbox set lease = null, due_at = $1 where lease is not null", (now,))?;
            tx.commit(&By::service("outbox"), now, Event::upkeep(), ())
        })
        .await
}

/// Gives messages back that this process has leased and will not deliver: they are due at once, for whoever comes next.
pub(super) async fn give_back(app: &App, leases: Vec<Uuid>) -> Result<(), db::Error> {
    let now = app.now();
    app.db
        .write(move |tx| {
            for lease in &leases {
                tx.execute("update outbox set lease = null, due_at = $1 where lease = $2", (now, *lease))?;
            }
            tx.commit(&By::service("outbox"), now, Event::upkeep(), ())
        })
        .await
}

/// The clock was set back: what was to wait from now on waits no longer for that.
pub(super) async fn set_back(app: &App, by: SignedDuration, now: Timestamp) -> Result<(), db::Error> {
    let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
    app.db
        .write(move |tx| {
            tx.execute("update outbox set due_at = due_at - $1 where due_at > $2", (micros, now))?;
            tx.commit(&By::service("outbox"), now, Event::upkeep(), ())
        })
        .await
}

/// When the next message becomes due, or the next lease ends; none while the outbox is empty.
pub(super) async fn next_due(app: &App) -> Result<Option<Timestamp>, db::Error> {
    // Room by room, each the first row of an index: over all of them at once, every message would be looked at.
    let firsts = "select due_at from (
           select (select min(due_at) from outbox where room = $1) as due_at
           union all select (select min(due_at) from outbox where room = $2)
           union all select (select min(due_at) from outbox where room = $3)) firsts
         where due_at is not null order by due_at limit 1";
    let [mail, gateway, web] = Room::ALL.map(Room::as_str);
    let row: Option<(Timestamp,)> = app.db.read_one(firsts, (mail, gateway, web)).await?;
    Ok(row.map(|(next,)| next))
}
