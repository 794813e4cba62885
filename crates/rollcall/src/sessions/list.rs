//! Lists the caller's sessions: where each was begun, and when it was used.

use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::id::{Id, SessionId};
use crate::http::moment::Moment;
use crate::http::params::List;
use crate::http::query::Query;

/// A session.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    /// Its id.
    session_id: SessionId,
    /// Whether it is the one that asks.
    current: bool,
    /// `console` for a browser that is signed in to the console, `api` for a program.
    kind: &'static str,
    /// When it was begun.
    created_at: Moment,
    /// When it was last refreshed; for a browser, when it was last used, give or take five minutes.
    used_at: Moment,
    /// From where it was begun.
    ip: Option<String>,
    /// The program that began it, as it named itself, cut to 200 characters.
    user_agent: Option<String>,
}

type Row = (SessionId, Timestamp, Timestamp, Option<String>, Option<String>, bool);

/// List your sessions
///
/// Those that are alive: each has a token that is still good.
#[utoipa::path(
    get, path = "/v1/customer/sessions", tag = "Sessions",
    params(("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "How many at the most; 50 by default."),
           ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before.")),
    responses((status = 200, description = "The sessions, oldest first.", body = List<SessionView>)),
)]
pub async fn list_sessions(query: Query) -> Result<Response, crate::problem::Problem> {
    query
        .run(|reader, query| {
            let caller = query.caller;
            let page = query.params().page()?;
            let rows: Vec<Row> = reader.fetch_all(
                "select session_id, created_at, used_at, ip, user_agent,
                        exists (select 1 from token
                                where token.organization_id = session.organization_id
                                  and token.session_id = session.session_id and kind = 'console') as browser
                 from session
                 where organization_id = $1 and customer_id = $2 and (created_at, session_id) > ($3, $4)
                   and exists (select 1 from token
                               where token.organization_id = session.organization_id
                                 and token.session_id = session.session_id
                                 and token.used_at is null and token.expires_at > $5)
                 order by created_at, session_id limit $6",
                (
                    caller.organization_id,
                    caller.customer_id,
                    page.number_or(i64::MIN),
                    page.id(),
                    query.now(),
                    page.rows(),
                ),
            )?;
            Ok(page.list(
                rows,
                |(session_id, created_at, ..)| (created_at.as_microsecond(), session_id.uuid()),
                |(session_id, created_at, used_at, ip, user_agent, browser)| SessionView {
                    session_id,
                    current: session_id == caller.session_id,
                    kind: if browser { "console" } else { "api" },
                    created_at: created_at.into(),
                    used_at: used_at.into(),
                    ip,
                    user_agent,
                },
            ))
        })
        .await
}
