//! The tokens of a session, and the answer that shows them once.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::store;
use crate::access;
use crate::app::App;
use crate::db::{Error, Reader, Tx};
use crate::domain::id::{CustomerId, OrganizationId, SessionId};
use crate::domain::role::Role;
use crate::domain::token::{Token, TokenKind};

/// How long an access token lives.
pub const ACCESS_LIFETIME: SignedDuration = SignedDuration::from_hours(1);
/// How long a refresh token lives, from its own issue.
pub const REFRESH_LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A fresh pair.
#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    access: Token,
    refresh: Token,
}

impl Tokens {
    /// Made before the transaction that keeps their digests.
    pub(crate) fn new(app: &App) -> Self {
        Self {
            access: Token::new(TokenKind::Access, app.random()),
            refresh: Token::new(TokenKind::Refresh, app.random()),
        }
    }

    /// Keeps their digests with a session.
    pub(crate) fn keep(
        &self,
        tx: &Tx<'_>,
        organization_id: OrganizationId,
        customer_id: CustomerId,
        session_id: SessionId,
        now: Timestamp,
    ) -> Result<(), Error> {
        for (kind, token, lifetime) in
            [("access", &self.access, ACCESS_LIFETIME), ("refresh", &self.refresh, REFRESH_LIFETIME)]
        {
            store::insert_token(tx, kind, token, organization_id, customer_id, session_id, now + lifetime)?;
        }
        Ok(())
    }

    /// The answer that shows them.
    ///
    /// # Errors
    /// The storage's.
    pub(crate) fn signed_in(
        &self,
        reader: &Reader<'_>,
        message: &str,
        organization_id: OrganizationId,
        customer_id: CustomerId,
    ) -> Result<SignedIn, Error> {
        let (email, name, surname) = store::person(reader, customer_id)?;
        Ok(SignedIn {
            message: message.to_owned(),
            access_token: self.access.as_str().to_owned(),
            refresh_token: self.refresh.as_str().to_owned(),
            token_type: "Bearer",
            expires_in: ACCESS_LIFETIME.as_secs(),
            customer: SignedInCustomer {
                customer_id,
                email,
                name,
                surname,
                role: access::highest_role(reader, organization_id, customer_id)?,
            },
        })
    }
}

/// Tokens with whom they belong to. They are shown here once.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SignedIn {
    /// What was done, for people.
    pub message: String,
    /// For the `Authorization` header.
    pub access_token: String,
    /// For `POST /v1/auth/refresh`, once.
    pub refresh_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds until the access token ends.
    pub expires_in: i64,
    /// Who signed in.
    pub customer: SignedInCustomer,
}

/// Who signed in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SignedInCustomer {
    /// Their id.
    pub customer_id: CustomerId,
    /// Their username.
    pub email: String,
    /// Their first name.
    pub name: String,
    /// Their surname.
    pub surname: String,
    /// `root`, or the highest role in any team, else `user`.
    pub role: Role,
}
