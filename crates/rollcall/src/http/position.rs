//! `Rollcall-Position`: where a change stands in the log of the database, and what a query must see at least.

use http::{Extensions, HeaderMap, HeaderName, HeaderValue};

use crate::db::Position;

/// The header of answers to commands, which clients may send back with queries. Only where standbys serve queries.
pub const ROLLCALL_POSITION: HeaderName = HeaderName::from_static("rollcall-position");

/// The position as a header's value.
pub(super) fn value(position: Position) -> Option<HeaderValue> {
    HeaderValue::try_from(position.to_string()).ok()
}

/// What a query must see at least: all that was acknowledged when its token was looked up, and what its client has seen. None where
/// the primary answers anyway. A header that is no position is passed over: nothing depends on it.
pub(super) fn at_least(extensions: &Extensions, headers: &HeaderMap) -> Option<Position> {
    let looked_up: Position = extensions.get().copied()?;
    let seen = headers.get(ROLLCALL_POSITION).and_then(|value| value.to_str().ok()?.parse().ok());
    Some(seen.map_or(looked_up, |seen| looked_up.max(seen)))
}
