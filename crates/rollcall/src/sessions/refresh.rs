//! Gives the next pair of tokens for a refresh token, once: a second use ends the whole family.

use super::store;
use super::tokens::{SignedIn, Tokens};
use crate::access;
use crate::domain::event::{Action, Event, Target};
use crate::domain::token::{Token, TokenKind};
use crate::http::open_command::OpenCommand;
use crate::http::reply::Reply;
use crate::problem::{Code, Problem};

crate::body! {
    /// The token to be exchanged.
    pub struct RefreshSession {
        /// From the last sign-in or refresh.
        pub refresh_token: String,
    }
}

/// Refresh a session
///
/// Each refresh token serves once. A second use means that somebody else has a copy: the session and all its tokens end.
#[utoipa::path(
    post, path = "/v1/auth/refresh", tag = "Sessions", request_body = RefreshSession,
    responses(
        (status = 200, description = "A fresh pair of tokens.", body = SignedIn),
        (status = 401, description = "`token_invalid` or `token_expired`."),
    ),
)]
pub async fn refresh_session(command: OpenCommand<RefreshSession>) -> Result<Reply, Problem> {
    let invalid = || Problem::new(Code::TokenInvalid);
    let token = Token::parse(TokenKind::Refresh, &command.body()?.refresh_token).ok_or_else(invalid)?;
    let tokens = Tokens::new(&command.app);
    command
        .run(move |tx, command| {
            let kept = || store::find_refresh(&tx, &token)?.ok_or_else(invalid);
            access::lock_organization(&tx, kept()?.organization_id)?;
            let kept = kept()?;
            let event = |action, target| Event::new(kept.organization_id, action, target);
            if kept.used {
                store::end(&tx, kept.organization_id, kept.session_id)?;
                // Whose it was, since the session is gone: nobody who is known did it, and its address goes when they leave.
                let whose = Target::Customer(kept.customer_id);
                return command.refuse(tx, event(Action::SessionRevoked, whose), invalid());
            }
            if kept.expires_at <= command.now {
                return Err(Problem::new(Code::TokenExpired).into());
            }
            if !store::spend(&tx, &token, command.now)? {
                return Err(invalid().into());
            }
            store::touch(&tx, &kept, command.now)?;
            tokens.keep(&tx, kept.organization_id, kept.customer_id, kept.session_id, command.now)?;
            let message = "Your session goes on.";
            let reply = Reply::ok(&tokens.signed_in(&tx, message, kept.organization_id, kept.customer_id)?);
            let refreshed = event(Action::SessionRefreshed, Target::Session(kept.session_id));
            command.commit_as(tx, kept.customer_id, refreshed, reply)
        })
        .await
}
