//! A member as clients see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::id::CustomerId;
use crate::domain::role::Role;
use crate::http::moment::Moment;

/// A member of a team.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Member)]
pub struct MemberView {
    /// Who.
    pub customer_id: CustomerId,
    /// The username.
    pub email: String,
    /// First name.
    pub name: String,
    /// Surname.
    pub surname: String,
    /// Both.
    pub full_name: String,
    /// What the member is in this team.
    pub role: Role,
    /// Since when.
    pub joined_at: Moment,
}

/// A member after a change.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MemberChanged {
    /// What was done, for people.
    pub message: String,
    /// The member as it now is.
    pub member: MemberView,
}
