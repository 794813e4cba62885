//! A browser's session in the console: one token of its own kind, in a cookie, good for thirty days after its last use.

use jiff::{SignedDuration, Timestamp};

use super::{authenticate, store};
use crate::access;
use crate::app::App;
use crate::db::{self, Position};
use crate::domain::event::{By, Event};
use crate::domain::id::{CustomerId, OrganizationId, SessionId};
use crate::domain::token::{Token, TokenKind};
use crate::http::caller::Caller;
use crate::problem::{Code, Problem};

/// How long it lives from its last use.
pub(crate) const LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How exact its last use is kept: not every page is worth a write.
const GRAIN: SignedDuration = SignedDuration::from_mins(5);

/// Turns the tokens of a fresh sign-in into the one of a browser; those of the sign-in are good for nothing from then on.
///
/// # Errors
/// 401 for a token that is no live access token.
pub(crate) async fn begin(app: &App, access_token: &str) -> Result<Token, Problem> {
    let invalid = || Problem::new(Code::TokenInvalid);
    let given = Token::parse(TokenKind::Access, access_token).ok_or_else(invalid)?;
    let (now, token) = (app.now(), Token::new(TokenKind::Console, app.random()));
    let kept = token.clone();
    app.db
        .write(move |tx| {
            let digest = given.digest();
            access::hold_by(&tx, "select organization_id from token where token_digest = $1", (digest,))?;
            let caller = authenticate::find(&tx, given.digest(), now)?;
            let Caller { organization_id, customer_id, session_id } = caller;
            store::delete_tokens(&tx, organization_id, session_id)?;
            let until = now + LIFETIME;
            store::insert_token(&tx, "console", &kept, organization_id, customer_id, session_id, until)?;
            // The sign-in is in the log already.
            Ok::<_, Problem>(tx.commit(&By::service("console"), now, Event::upkeep(), ())?)
        })
        .await?;
    Ok(token)
}

/// A browser that is signed in.
pub(crate) struct Browser {
    pub(crate) caller: Caller,
    /// Its cookie is to be sent anew.
    pub(crate) prolonged: bool,
    /// Everything that was acknowledged by now stands before it; none where no standby serves queries.
    pub(crate) position: Option<Position>,
}

/// Who a browser's token belongs to, none where it is no longer good.
///
/// # Errors
/// The storage's.
pub(crate) async fn find(app: &App, token: &Token) -> Result<Option<Browser>, Problem> {
    let (digest, now) = (token.digest(), app.now());
    let (found, position) = app.db.read_one_at::<Row>(KNOWN, (digest, now)).await?;
    let Some((customer_id, organization_id, session_id, used_at)) = found else { return Ok(None) };
    let caller = Caller { customer_id, organization_id, session_id };
    if now.duration_since(used_at) < GRAIN {
        return Ok(Some(Browser { caller, prolonged: false, position }));
    }
    app.db
        .write(move |tx| {
            store::prolong(&tx, organization_id, session_id, now, now + LIFETIME)?;
            tx.commit(&By::service("console"), now, Event::upkeep(), ())
        })
        .await
        .map_err(|error: db::Error| Problem::from(error))?;
    Ok(Some(Browser { caller, prolonged: true, position }))
}

type Row = (CustomerId, OrganizationId, SessionId, Timestamp);

const KNOWN: &str = "select token.customer_id, token.organization_id, token.session_id, session.used_at
     from token join session on session.organization_id = token.organization_id
          and session.session_id = token.session_id
     where token_digest = $1 and kind = 'console' and expires_at > $2";
