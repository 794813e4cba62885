//! Who a token belongs to: the layer in front of every operation that needs a caller.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use jiff::Timestamp;

use crate::app::App;
use crate::db::{Mark, Position, Reader, Scope};
use crate::domain::id::{CustomerId, OrganizationId, SessionId};
use crate::domain::token::{Token, TokenKind};
use crate::http::caller::Caller;
use crate::http::ready::{Known, LookedUp, Proof, TokenDigest};
use crate::problem::{Code, Problem};

/// Lets only requests with a live access token pass, and those of our own console, whose caller is known already.
pub async fn require(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.extensions().get::<Caller>().is_some() {
        return next.run(request).await;
    }
    match caller(&app, request.headers(), request.extensions().get().copied()).await {
        Ok(Some(caller)) => pass(caller, request, next).await,
        Ok(None) => Problem::new(Code::TokenMissing).into_response(),
        Err(problem) => problem.into_response(),
    }
}

/// Lets requests without a token pass as a stranger's; a token that is sent must be live.
pub async fn accept(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.extensions().get::<Caller>().is_some() {
        return next.run(request).await;
    }
    match caller(&app, request.headers(), request.extensions().get().copied()).await {
        Ok(Some(caller)) => pass(caller, request, next).await,
        Ok(None) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn pass(
    (caller, proof, position): (Caller, Proof, Option<Position>),
    mut request: Request,
    next: Next,
) -> Response {
    let extensions = request.extensions_mut();
    extensions.insert(caller);
    extensions.insert(proof);
    if let Some(position) = position {
        extensions.insert(position);
    }
    next.run(request).await
}

/// The customer behind the request's token, if one was sent.
///
/// # Errors
/// 401 for a token that is malformed, unknown, revoked or expired, and for two of them.
async fn caller(
    app: &App,
    headers: &HeaderMap,
    looked_up: Option<LookedUp>,
) -> Result<Option<(Caller, Proof, Option<Position>)>, Problem> {
    let Some(text) = bearer(headers)? else { return Ok(None) };
    let token = Token::parse(TokenKind::Access, text).ok_or_else(|| Problem::new(Code::TokenInvalid))?;
    let digest = token.digest();
    // Always the primary's: a token that was revoked is revoked, and everything that was acknowledged by now stands before the
    // position, wherever the query itself is answered.
    let mut position = None;
    let known = if let Some(looked_up) = looked_up {
        position = looked_up.position;
        looked_up.known
    } else if let Some(known) = app.ready.caller(&digest) {
        known
    } else if let Some(looked_up) = look_up_together(app, digest).await {
        let looked_up = looked_up?;
        position = looked_up.position;
        looked_up.known
    } else {
        let look_up = async {
            let (found, at) = app.db.read_one_at(KNOWN, (digest,)).await?;
            position = at;
            known(found)
        };
        app.ready.look_up(&digest, look_up).await?
    };
    let Known { expires_at, scope, mark, .. } = known;
    Ok(Some((live(&known, app.now())?, Proof { digest, expires_at, scope, mark }, position)))
}

type Together = (i64, CustomerId, OrganizationId, SessionId, Timestamp, bool, i64, i64, i64);

/// Looks up a token in one statement with those of other requests of this moment, and where its organization stands; none where the
/// engine has no use for that or cannot answer at once.
///
/// # Errors
/// 401 for a token that is not there.
pub(crate) async fn look_up_together(app: &App, digest: TokenDigest) -> Option<Result<LookedUp, Problem>> {
    let (found, position) = match app.db.read_together::<Together>(KNOWN_TOGETHER, digest).await? {
        Ok(found) => found,
        Err(error) => return Some(Err(error.into())),
    };
    let found =
        found.map(|(_, customer, organization, session, expires_at, guest, server, own, everybody)| {
            ((customer, organization, session, expires_at, guest), Mark::new(server, own, everybody))
        });
    let mark = found.map(|(_, mark)| mark);
    let known = known(found.map(|(row, _)| row)).map(|known| Known { mark, ..known });
    Some(known.map(|known| LookedUp { known, position }))
}

/// The text of the token (RFC 6750 §2.1: the scheme in any letter case, one blank, the token).
///
/// # Errors
/// 401 for another scheme, and for two of them.
pub fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let invalid = || Problem::new(Code::TokenInvalid);
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(invalid());
    }
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(invalid)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(invalid());
    }
    Ok(Some(token.trim()))
}

/// The caller of a live access token, by its digest.
pub(super) fn find(reader: &Reader<'_>, digest: TokenDigest, now: Timestamp) -> Result<Caller, Problem> {
    live(&known(reader.fetch_optional(KNOWN, (digest,))?)?, now)
}

/// Whose a token is, and whether they are a member of other organizations' teams: two ranges of an index around the own one, so that it
/// costs the same in however many teams of their own organization they are.
const KNOWN: &str = "select token.customer_id, token.organization_id, token.session_id, token.expires_at,
       exists (select 1 from membership where membership.customer_id = token.customer_id
                 and membership.organization_id < token.organization_id)
       or exists (select 1 from membership where membership.customer_id = token.customer_id
                    and membership.organization_id > token.organization_id)
     from token where token.token_digest = $1 and token.kind = 'access'";

/// The same for many tokens, on PostgreSQL, with what [`Mark`] is made of: all of it as of one moment.
const KNOWN_TOGETHER: &str =
    "select asked.place, token.customer_id, token.organization_id, token.session_id, token.expires_at,
       exists (select 1 from membership where membership.customer_id = token.customer_id
                 and membership.organization_id < token.organization_id)
       or exists (select 1 from membership where membership.customer_id = token.customer_id
                    and membership.organization_id > token.organization_id),
       (select cast(extract(epoch from pg_postmaster_start_time()) * 1000000 as bigint)),
       coalesce(audit_head.seq, 0),
       (select cast(coalesce(sum(version), 0) as bigint) from everybody_version)
     from unnest(cast($1 as bytea[])) with ordinality asked (digest, place)
     join token on token.token_digest = asked.digest and token.kind = 'access'
     left join audit_head on audit_head.organization_id = token.organization_id";

fn live(known: &Known, now: Timestamp) -> Result<Caller, Problem> {
    if known.expires_at <= now { Err(Problem::new(Code::TokenExpired)) } else { Ok(known.caller) }
}

fn known(found: Option<(CustomerId, OrganizationId, SessionId, Timestamp, bool)>) -> Result<Known, Problem> {
    let (customer_id, organization_id, session_id, expires_at, guest) =
        found.ok_or_else(|| Problem::new(Code::TokenInvalid))?;
    // A guest sees teams of other organizations; all others see nothing but their own.
    let scope = if guest { Scope::All } else { Scope::Organization(organization_id) };
    Ok(Known { caller: Caller { customer_id, organization_id, session_id }, expires_at, scope, mark: None })
}
