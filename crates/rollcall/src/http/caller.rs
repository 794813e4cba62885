//! Who asks: put into the request by the authentication layer, taken out by operations.

use std::net::IpAddr;

use http::Extensions;

use super::request_id::RequestId;
use crate::domain::event::By;
use crate::domain::id::{CustomerId, OrganizationId, SessionId};
use crate::problem::{Code, Problem};

/// A customer with a live access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub customer_id: CustomerId,
    /// The home organization.
    pub organization_id: OrganizationId,
    /// The session that the token belongs to.
    pub session_id: SessionId,
}

impl Caller {
    /// The caller of an operation that needs one.
    pub fn required(extensions: &Extensions) -> Result<Self, Problem> {
        extensions.get().copied().ok_or_else(|| Problem::new(Code::TokenMissing))
    }
}

/// The client's address, through the proxies that the operator trusts.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

/// For the audit log: who asked, in which request, from where.
pub fn by(extensions: &Extensions) -> By {
    By {
        actor: extensions.get::<Caller>().map(|caller| caller.customer_id),
        request_id: extensions.get::<RequestId>().map(|id| id.as_str().to_owned()).unwrap_or_default(),
        ip: extensions.get::<ClientAddress>().map(|address| address.0),
    }
}
