//! A service as clients see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::id::{ServiceId, TeamId};
use crate::http::moment::Moment;

/// A service.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Service)]
pub struct ServiceView {
    /// Its id.
    pub service_id: ServiceId,
    /// Its name.
    pub name: String,
    /// The team that owns it.
    pub team_id: TeamId,
    /// When it was made.
    pub created_at: Moment,
    /// When it was last changed.
    pub updated_at: Moment,
}

/// A service after a change.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceChanged {
    /// What was done, for people.
    pub message: String,
    /// The service as it now is.
    pub service: ServiceView,
}
