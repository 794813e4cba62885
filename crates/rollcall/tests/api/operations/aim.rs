//! What a request is aimed at: the ids and names that its path and body are made of.

use crate::support::teams::NOWHERE;

/// What a request is aimed at.
#[derive(Debug, Clone)]
pub(crate) struct Aim {
    pub(crate) customer: String,
    pub(crate) team: String,
    pub(crate) member: String,
    pub(crate) service: String,
    /// A session of the customer.
    pub(crate) session: String,
    /// A message to one of the customer's channels, and one to one of the team's.
    pub(crate) deliveries: [String; 2],
    /// An address that is invited to the team.
    pub(crate) invited: String,
    /// Keeps new names and addresses apart from those of other requests.
    pub(crate) fresh: &'static str,
}

impl Aim {
    /// At nothing that was ever there.
    pub(crate) fn nowhere() -> Self {
        let nothing = || NOWHERE.to_owned();
        Self {
            customer: nothing(),
            team: nothing(),
            member: nothing(),
            service: nothing(),
            session: nothing(),
            deliveries: [nothing(), nothing()],
            invited: "nobody@example.com".to_owned(),
            fresh: "new",
        }
    }

    /// An address that nobody has yet.
    pub(super) fn address(&self) -> String {
        format!("{}-here@example.com", self.fresh)
    }
}
