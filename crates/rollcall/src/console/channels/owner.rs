//! Whose channels a page shows: by its address, a team's, or those of who is signed in.

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use uuid::Uuid;

use crate::console::door::Refusal;
use crate::console::teams::find::{self, Team};
use crate::console::visit::Member;

/// The owner of the channels, with who looks at them.
pub(super) struct Owned {
    pub(super) member: Member,
    /// Where the operations are.
    pub(super) api: String,
    /// Where the pages are.
    pub(super) base: String,
    /// The team; none for the person's own.
    pub(super) team: Option<Team>,
    /// Which channel, where the address names one.
    pub(super) priority: u16,
    /// Which type, where the address names one.
    pub(super) kind: String,
}

impl Owned {
    /// Whether who looks may change the channels; the operations decide by themselves.
    pub(super) fn governs(&self) -> bool {
        self.team.as_ref().is_none_or(Team::is_governed)
    }

    /// The page of the channel.
    pub(super) fn page(&self) -> String {
        format!("{}/{}", self.base, self.priority)
    }

    /// The entry of the navigation.
    pub(super) fn place(&self) -> &'static str {
        if self.team.is_some() { "teams" } else { "channels" }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Owned {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let member = Member::from_request_parts(parts, state).await?;
        let params =
            RawPathParams::from_request_parts(parts, state).await.map_err(|_| Refusal::not_found())?;
        let value = |name: &str| params.iter().find(|(known, _)| *known == name).map(|(_, value)| value);
        let priority = match value("priority") {
            Some(text) => text.parse().map_err(|_| Refusal::not_found())?,
            None => 0,
        };
        let kind = value("type").unwrap_or_default().to_owned();
        let team = match value("team") {
            Some(text) => {
                let id: Uuid = text.parse().map_err(|_| Refusal::not_found())?;
                Some(find::team(&member, id).await?)
            }
            None => None,
        };
        let (api, base) = match &team {
            Some(team) => (format!("/v1/team/{}", team.id), format!("/teams/{}/channels", team.id)),
            None => (format!("/v1/customer/{}", member.customer_id()), "/channels".to_owned()),
        };
        Ok(Self { member, api, base, team, priority, kind })
    }
}
