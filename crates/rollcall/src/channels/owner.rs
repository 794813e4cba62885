//! Whose channels an operation is about: one's own, or those of a team that one has the right to.

use crate::access::{self, Ground};
use crate::domain::access::{Action, Judgement, judge};
use crate::domain::channel::Owner;
use crate::domain::id::OrganizationId;
use crate::http::caller::Caller;
use crate::problem::Problem;

/// An owner whose channels the caller may see or change.
#[derive(Debug, Clone)]
pub(crate) struct Holder {
    /// The owner's organization, not always the caller's.
    pub(crate) organization_id: OrganizationId,
    /// Who.
    pub(crate) owner: Owner,
    /// The team's name; none for a person.
    pub(crate) team: Option<String>,
    /// Whether the caller sees the secrets in the channels' values.
    pub(crate) secrets: bool,
}

/// Loads the owner for an action. Personal channels are nobody's but their owner's.
///
/// # Errors
/// 404 where the caller may not see the owner's channels, 403 where the role in the team does not suffice.
pub(crate) fn load(
    ground: &impl Ground,
    caller: &Caller,
    owner: Owner,
    action: Action,
) -> Result<Holder, Problem> {
    match owner {
        Owner::Customer(id) if id == caller.customer_id => {
            access::hold_home(ground, caller)?;
            Ok(Holder { organization_id: caller.organization_id, owner, team: None, secrets: true })
        }
        Owner::Customer(_) => Err(Problem::not_found()),
        Owner::Team(id) => {
            let team = access::team(ground, caller, id, action)?;
            let secrets = judge(team.standing, Action::SeeSecrets) == Judgement::Allowed;
            Ok(Holder { organization_id: team.organization_id, owner, team: Some(team.name), secrets })
        }
    }
}
