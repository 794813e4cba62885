//! A team as clients see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::id::TeamId;
use crate::http::moment::Moment;

/// A team.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Team)]
pub struct TeamView {
    /// Its id.
    pub team_id: TeamId,
    /// Its name.
    pub name: String,
    /// How many customers joined it.
    #[schema(minimum = 0)]
    pub member_count: i64,
    /// When it was made.
    pub created_at: Moment,
}

/// A team after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct TeamChanged {
    /// What was done, for people.
    pub message: String,
    /// The team as it now is.
    pub team: TeamView,
}
