//! Where the server's log stands: after a commit, beside a query, and how far a standby has replayed it.

use futures_util::future::try_join;
use tokio_postgres::{Row, SimpleQueryMessage};

use super::{Session, Uncommitted, parameters};
use crate::db::{Error, Position, Value};

/// Behind everything that was acknowledged so far. That is on the disk before it is acknowledged, unless the server was told
/// not to wait for the disk; then the end of what is in memory counts. The file's name begins with the timeline.
pub(in crate::db::postgres) const POSITION: &str = "select pg_walfile_name(place), cast(pg_wal_lsn_diff(place, '0/0') as bigint)
     from (select case current_setting('synchronous_commit')
                  when 'off' then pg_current_wal_insert_lsn() else pg_current_wal_flush_lsn() end as place) here";

/// The timeline that a standby is known to have got to: it may be further than it knows, never less far.
const TIMELINE: &str =
    "select system_identifier, cast(greatest(timeline_id, min_recovery_end_timeline) as bigint)
     from pg_control_system(), pg_control_checkpoint(), pg_control_recovery()";

/// None where the server is no standby (any more).
const REPLAYED: &str =
    "select cast(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') as bigint) where pg_is_in_recovery()";

impl Session {
    /// Makes what was done last, and says behind which position it stands, in one round trip.
    pub(in crate::db::postgres) fn commit_at(&self) -> Result<Position, Uncommitted> {
        let text = if self.is_untouched() {
            self.leave();
            POSITION.to_owned()
        } else {
            format!("commit; {POSITION}")
        };
        let answered = self.ending(async |link| link.client.simple_query(&text).await)?;
        let position = answered.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => position(row.get(0)?, row.get(1)?.parse().ok()?),
            _ => None,
        });
        position.ok_or(Uncommitted::Unknown)
    }

    /// The rows of a statement, and where the log stood when it was asked, in one round trip.
    pub(in crate::db) fn query_at(
        &self,
        sql: &'static str,
        values: &[Value],
    ) -> Result<(Vec<Row>, Position), Error> {
        let (rows, place) = self.run(async |link| {
            let (statement, place) = (link.statement(sql).await?, link.statement(POSITION).await?);
            let parameters = parameters(values);
            try_join(link.client.query(&statement, &parameters), link.client.query_one(&place, &[])).await
        })?;
        let read = || position(place.try_get(0).ok()?, place.try_get(1).ok()?);
        read().map(|position| (rows, position)).ok_or(Error::Unavailable)
    }

    /// What tells this server's log from that of any other, and the timeline that it is known to have got to.
    pub(in crate::db::postgres) fn timeline(&self) -> Result<(i64, u32), Error> {
        let rows = self.query(TIMELINE, &[])?;
        let read = || {
            let (system, timeline): (i64, i64) =
                (rows.first()?.try_get(0).ok()?, rows.first()?.try_get(1).ok()?);
            Some((system, u32::try_from(timeline).ok()?))
        };
        read().ok_or(Error::Unavailable)
    }

    /// Whether this server, a standby of the given system, has replayed a position. It never goes back while a connection lasts,
    /// so that what is known of one is not asked again.
    pub(in crate::db::postgres) fn has_replayed(&self, system: i64, wanted: Position) -> Result<bool, Error> {
        let known = self.link.borrow().as_ref().and_then(|link| link.replayed.get());
        if known.is_some_and(|known| known.timeline == wanted.timeline && known.byte >= wanted.byte) {
            return Ok(true);
        }
        let timeline = match known.filter(|known| known.timeline == wanted.timeline) {
            Some(known) => known.timeline,
            None => match self.timeline()? {
                (found, timeline) if found == system => timeline,
                _ => return Ok(false),
            },
        };
        let rows = self.query(REPLAYED, &[])?;
        let Some(Some(byte)) = rows.first().and_then(|row| row.try_get::<_, Option<i64>>(0).ok()) else {
            return Ok(false);
        };
        let replayed = Position { timeline, byte: u64::try_from(byte).unwrap_or_default() };
        if let Some(link) = self.link.borrow().as_ref() {
            link.replayed.set(Some(replayed));
        }
        Ok(replayed.timeline == wanted.timeline && replayed.byte >= wanted.byte)
    }
}

/// From the name of a file of the log, whose first eight digits are the timeline.
pub(in crate::db::postgres) fn position(file: &str, byte: i64) -> Option<Position> {
    let timeline = u32::from_str_radix(file.get(..8)?, 16).ok()?;
    Some(Position { timeline, byte: u64::try_from(byte).ok()? })
}
