//! Changes a member's role, moves a member to another team, or both in one step.

use super::store::{self, Member};
use super::view::{MemberChanged, MemberView};
use crate::access::{self, Team};
use crate::db::Tx;
use crate::domain::access::Action as Right;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::{CustomerId, TeamId};
use crate::domain::invalid::Invalid;
use crate::domain::membership::{Membership, Refused};
use crate::domain::plan::LimitKey;
use crate::domain::role::Role;
use crate::http::command::{Command, Halt, Parts};
use crate::http::path::Path;
use crate::http::reply::Reply;
use crate::invitations::lapse;
use crate::organizations::limits;
use crate::problem::{Code, Problem};

crate::body! {
    /// What is to change of a member; at least one of the two.
    pub struct ChangeMember {
        /// The new role. `root` is given and taken by a root alone, and never to a guest.
        pub role: Option<Role>,
        /// The team to move to, of the same organization. The role goes along unless one is given.
        pub new_team_id: Option<TeamId>,
    }
}

/// Change or move a member
///
/// For managers of the team, of both teams for a move, and roots of the organization.
#[utoipa::path(
    patch, path = "/v1/team/{id}/member/{member_id}", tag = "Members", request_body = ChangeMember,
    params(
        ("id" = TeamId, Path, description = "The team."),
        ("member_id" = CustomerId, Path, description = "The member's `customer_id`."),
    ),
    responses(
        (status = 200, description = "The member as it now is.", body = MemberChanged),
        (status = 403, description = "`role_insufficient`."),
        (status = 409, description = "`already_member`, `guest_cannot_be_root`, `last_root` or `limit_reached`."),
    ),
)]
pub async fn change_member(
    Path((id, member_id)): Path<(TeamId, CustomerId)>,
    command: Command<ChangeMember>,
) -> Result<Reply, Problem> {
    command
        .run(move |tx, command| {
            let team = access::team(&tx, &command.caller, id, Right::See)?;
            let organization_id = team.organization_id;
            let Some(member) = store::find(&tx, organization_id, id, member_id)? else {
                return Err(absent(&tx, command, &team, member_id));
            };
            access::allow(team.standing, member.membership.right_to_change(None))?;
            let ChangeMember { role, new_team_id } = command.body()?;
            if role.is_none() && new_team_id.is_none() {
                let message = "Give a role, a new_team_id, or both.";
                return Err(Problem::field("role", Invalid::new("required", message)).into());
            }
            access::allow(team.standing, member.membership.right_to_change(*role))?;
            let new_team = destination(&tx, command, &team, *new_team_id)?;
            command.admit(&tx)?;

            let after = match role {
                Some(role) => change_role(&tx, &team, &member, *role)?,
                None => member.membership,
            };
            if let Some(new_team) = &new_team {
                move_to(&tx, command, &team, new_team, &member, after)?;
            }
            lapse::withdraw_of_sender(&tx, organization_id, member_id)?;

            let changed = after != member.membership;
            let event = |action| Event::new(organization_id, action, Target::Member(member_id));
            let events = [
                changed.then(|| event(Action::MemberRoleChanged)),
                new_team.is_some().then(|| event(Action::MemberMoved)),
            ];
            let now_in = new_team.as_ref().unwrap_or(&team);
            let member = store::find(&tx, organization_id, now_in.team_id, member_id)?;
            let member = member.ok_or_else(Problem::not_found)?.view();
            let message = message(&member, &now_in.name, changed, new_team.is_some());
            let events: Vec<_> = events.into_iter().flatten().collect();
            command.commit_all(tx, &events, Reply::ok(&MemberChanged { message, member }))
        })
        .await
}

/// There is no such member: this very request may have moved the member away before.
fn absent(tx: &Tx<'_>, command: &Parts<ChangeMember>, team: &Team, member_id: CustomerId) -> Halt {
    let moved_by_right = || -> Result<bool, Problem> {
        let ChangeMember { role, new_team_id } = command.body()?;
        let Some(new_team) = destination(tx, command, team, *new_team_id)? else { return Ok(false) };
        let moved = store::find(tx, team.organization_id, new_team.team_id, member_id)?;
        let right = moved.map_or(Right::ChangeMember, |moved| moved.membership.right_to_change(*role));
        access::allow(team.standing, right)?;
        Ok(true)
    };
    let refusal = Problem::not_found();
    if moved_by_right().unwrap_or(false) { command.replay_or(tx, refusal) } else { refusal.into() }
}

/// The team to move to, if it is another one: visible, of the same organization, and the caller may change members there.
fn destination(
    tx: &Tx<'_>,
    command: &Parts<ChangeMember>,
    from: &Team,
    new_team_id: Option<TeamId>,
) -> Result<Option<Team>, Problem> {
    let Some(new_team_id) = new_team_id.filter(|new_team_id| *new_team_id != from.team_id) else {
        return Ok(None);
    };
    // Looked at before it is loaded: a command holds one organization, or two of them could wait for each other.
    if !access::is_in(tx, new_team_id, from.organization_id)? {
        return Err(Problem::not_found());
    }
    let team = access::team(tx, &command.caller, new_team_id, Right::See)?;
    access::allow(team.standing, Right::ChangeMember)?;
    Ok(Some(team))
}

fn change_role(tx: &Tx<'_>, team: &Team, member: &Member, role: Role) -> Result<Membership, Problem> {
    let (before, organization_id) = (member.membership, team.organization_id);
    let another_root = !before.root || store::another_root(tx, organization_id, member.customer_id)?;
    let after = before.with_role(role, another_root).map_err(|refused| {
        Problem::new(match refused {
            Refused::GuestCannotBeRoot => Code::GuestCannotBeRoot,
            Refused::LastRoot => Code::LastRoot,
        })
    })?;
    if after.root != before.root {
        store::set_root(tx, organization_id, member.customer_id, after.root)?;
    }
    if after.role != before.role {
        store::set_role(tx, organization_id, team.team_id, member.customer_id, after.role)?;
    }
    Ok(after)
}

fn move_to(
    tx: &Tx<'_>,
    command: &Parts<ChangeMember>,
    from: &Team,
    to: &Team,
    member: &Member,
    membership: Membership,
) -> Result<(), Problem> {
    let organization_id = from.organization_id;
    if store::find(tx, organization_id, to.team_id, member.customer_id)?.is_some() {
        return Err(Problem::new(Code::AlreadyMember));
    }
    let there = || store::count(tx, organization_id, to.team_id);
    limits::check(tx, &command.app.plans, organization_id, LimitKey::TeamMembers, there)?;
    store::insert(tx, organization_id, to.team_id, member.customer_id, membership.role, command.now)?;
    store::delete(tx, organization_id, from.team_id, member.customer_id)?;
    Ok(())
}

/// What was done, for people.
fn message(member: &MemberView, team: &str, changed: bool, moved: bool) -> String {
    let (name, role) = (&member.full_name, member.role.as_str());
    match (changed, moved, member.role) {
        (_, true, Role::Root) => format!("{name} has moved to {team}, as a root of the organization."),
        (_, true, _) => format!("{name} has moved to {team} and is a {role} there."),
        (true, false, Role::Root) => format!("{name} is now a root of the organization."),
        (true, false, _) => format!("{name} is now a {role} of {team}."),
        (false, false, _) => format!("{name} is a {role} of {team} already: nothing has changed."),
    }
}
