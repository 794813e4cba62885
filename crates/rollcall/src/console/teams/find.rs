//! Finds a team among those that somebody sees, with their role in it.

use serde::Deserialize;
use uuid::Uuid;

use crate::console::door::{Listed, Refusal};
use crate::console::times::Time;
use crate::console::visit::Member;

/// A team.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::console) struct Team {
    #[serde(rename = "team_id")]
    pub(in crate::console) id: Uuid,
    pub(in crate::console) name: String,
    pub(in crate::console) member_count: i64,
    pub(in crate::console) created_at: Time,
    /// The role of who looks at it.
    pub(in crate::console) role: String,
}

impl Team {
    /// Whether who looks at it may change it; the operations decide by themselves.
    pub(in crate::console) fn is_governed(&self) -> bool {
        self.role != "user"
    }
}

/// Every team that somebody sees.
pub(in crate::console) async fn all(member: &Member) -> Result<Vec<Team>, Refusal> {
    let mut teams = Vec::new();
    let mut path = "/v1/teams?limit=200".to_owned();
    loop {
        let listed: Listed<Team> = member.door.get(member, &path).await?;
        teams.extend(listed.data);
        match listed.next_cursor {
            Some(cursor) => path = format!("/v1/teams?limit=200&cursor={cursor}"),
            None => return Ok(teams),
        }
    }
}

/// One of them; 404 where there is no such team, or none that they see.
pub(in crate::console) async fn team(member: &Member, id: Uuid) -> Result<Team, Refusal> {
    all(member).await?.into_iter().find(|team| team.id == id).ok_or_else(Refusal::not_found)
}
