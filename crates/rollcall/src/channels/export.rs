//! Somebody's own channels, whole, for the copy of everything that is kept about them.

use super::owner::Holder;
use super::sealed;
use super::view::{self, ChannelView};
use crate::app::App;
use crate::db::{Error, Reader};
use crate::domain::channel::Owner;
use crate::http::caller::Caller;

/// The caller's channels by priority.
///
/// # Errors
/// The storage's.
pub(crate) fn own(reader: &Reader<'_>, app: &App, caller: &Caller) -> Result<Vec<ChannelView>, Error> {
    let owner = Owner::Customer(caller.customer_id);
    let holder = Holder { organization_id: caller.organization_id, owner, team: None, secrets: true };
    let rows: Vec<sealed::Row> = reader.fetch_all(
        "select channel_id, priority, type, value_sealed, pending_sealed, enabled, verified_at, disabled_reason, created_at
         from notification_channel where organization_id = $1 and customer_id = $2 order by priority",
        (caller.organization_id, caller.customer_id),
    )?;
    let channels = rows.into_iter().map(|row| sealed::read(app, &holder, row));
    channels.map(|channel| view::load(reader, &channel?, &holder)).collect()
}
