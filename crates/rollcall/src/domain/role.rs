//! Roles: what somebody is in a team.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::invalid::Invalid;

/// A role, the lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees the team.
    User,
    /// Governs the team.
    Manager,
    /// Governs the organization, and with it each of its teams.
    Root,
}

impl Role {
    const WORDS: &[&str] = &["user", "manager", "root"];

    /// The word of the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Manager => "manager",
            Self::Root => "root",
        }
    }

    /// Reads the word.
    ///
    /// # Errors
    /// `role_unknown`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "user" => Ok(Self::User),
            "manager" => Ok(Self::Manager),
            "root" => Ok(Self::Root),
            _ => Err(Invalid::new("role_unknown", "Give one of user, manager, root.")),
        }
    }
}

impl ToSchema for Role {}
impl PartialSchema for Role {
    fn schema() -> RefOr<Schema> {
        super::schema::words(Self::WORDS, "What somebody is in a team.")
    }
}

/// A role that an invitation can give, and that a membership holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InvitedRole {
    /// Sees the team.
    User,
    /// Governs the team.
    Manager,
}

impl InvitedRole {
    const WORDS: &[&str] = &["user", "manager"];

    /// The word of the API and of the schema.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Manager => "manager",
        }
    }

    /// Reads the word.
    ///
    /// # Errors
    /// `role_unknown`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "user" => Ok(Self::User),
            "manager" => Ok(Self::Manager),
            _ => Err(Invalid::new(
                "role_unknown",
                "Give user or manager; only a root makes roots, of members.",
            )),
        }
    }
}

impl ToSchema for InvitedRole {}
impl PartialSchema for InvitedRole {
    fn schema() -> RefOr<Schema> {
        super::schema::words(Self::WORDS, "What the invited person will be in the team.")
    }
}
