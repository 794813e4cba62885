//! Lists the organization's audit log, newest first.

use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access;
use crate::domain::event::Action;
use crate::domain::id::{CustomerId, EventId, InvalidId};
use crate::domain::invalid::Invalid;
use crate::http::moment::Moment;
use crate::http::params::List;
use crate::http::query::Query;
use crate::invitations::view::FORMER_MEMBER;
use crate::problem::{Code, Problem};

/// An entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    /// Its id.
    event_id: EventId,
    /// When it happened.
    at: Moment,
    /// Who did it; null for a stranger, or the service itself.
    actor: Option<Actor>,
    /// What was done: `team.created`.
    action: String,
    /// To what it was done.
    target: AuditTarget,
    /// The request, as in `X-Request-Id`.
    request_id: String,
    /// From where; null for the service itself, and for who has left.
    ip: Option<String>,
}

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
pub struct Actor {
    /// Who.
    customer_id: CustomerId,
    /// The whole name, or `former member` for who has left for good.
    full_name: String,
}

/// What something was done to.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditTarget {
    /// The kind of thing: `team`.
    #[serde(rename = "type")]
    kind: String,
    /// Its id; empty for the server.
    id: String,
}

type Row = (
    i64,
    EventId,
    Timestamp,
    Option<CustomerId>,
    Option<String>,
    Option<String>,
    String,
    String,
    String,
    String,
    Option<String>,
);

/// List the audit log
///
/// Everything that was changed in your organization, and what was tried and had to be remembered. For its roots.
#[utoipa::path(
    get, path = "/v1/org/audit-log", tag = "Organization",
    params(
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 200, description = "How many at the most; 50 by default."),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before."),
        ("actor" = Option<CustomerId>, Query, description = "Only what this customer did."),
        ("action" = Option<Vec<Action>>, Query, description = "Only these actions: a list with commas, repeated, or both."),
    ),
    responses(
        (status = 200, description = "The entries, newest first.", body = List<AuditEntry>),
        (status = 403, description = "`role_insufficient`."),
    ),
)]
pub async fn list_audit_log(query: Query) -> Result<Response, Problem> {
    query
        .run(|reader, query| {
            let caller = &query.caller;
            if !access::is_root(reader, caller.organization_id, caller.customer_id)? {
                return Err(Problem::new(Code::RoleInsufficient));
            }
            let mut params = query.params();
            let actor = params.single("actor", parse_actor);
            let actions = params.parsed("action", parse_action);
            let page = params.page()?;
            let wanted = actions.iter().fold(",".to_owned(), |text, action| text + action.name() + ",");
            let rows: Vec<Row> = reader.fetch_all(
                "select seq, event_id, at, actor_id, identity.name, identity.surname, action, target_type, target_id,
                        request_id, ip
                 from audit_event
                 left join identity on identity.customer_id = audit_event.actor_id
                 where audit_event.organization_id = $1 and seq < $2
                   and (not $4 or actor_id = $5)
                   and (not $6 or $7 like '%,' || action || ',%')
                 order by seq desc limit $3",
                (
                    caller.organization_id,
                    page.number_or(i64::MAX),
                    page.rows(),
                    actor.is_some(),
                    actor.unwrap_or_else(|| CustomerId::from(Uuid::nil())),
                    !actions.is_empty(),
                    wanted,
                ),
            )?;
            Ok(page.list(rows, |(seq, ..)| (*seq, Uuid::nil()), entry))
        })
        .await
}

fn parse_actor(word: &str) -> Result<CustomerId, Invalid> {
    word.parse().map_err(|why: InvalidId| Invalid::new("id_invalid", format!("{why}.")))
}

fn parse_action(word: &str) -> Result<Action, Invalid> {
    let unknown = || Invalid::new("action_unknown", "There is no such action; check its spelling.");
    Action::ALL.iter().find(|action| action.name() == word).copied().ok_or_else(unknown)
}

fn entry(row: Row) -> AuditEntry {
    let (_, event_id, at, actor_id, name, surname, action, kind, id, request_id, ip) = row;
    let full_name = name.zip(surname).map(|(name, surname)| format!("{name} {surname}"));
    AuditEntry {
        event_id,
        at: at.into(),
        actor: actor_id.map(|customer_id| Actor {
            customer_id,
            full_name: full_name.unwrap_or_else(|| FORMER_MEMBER.to_owned()),
        }),
        action,
        target: AuditTarget { kind, id },
        request_id,
        ip,
    }
}
