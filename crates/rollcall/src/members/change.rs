//! Changes a member's role, moves a member to another team, or both in one step.

use super::store::{self, Member};
use super::view::MemberChanged;
use crate::access::{self, Team};
use crate::db::Tx;
use crate::domain::access::Action as Right;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::{CustomerId, TeamId};
use crate::domain::invalid::Invalid;
use crate::domain::plan::LimitKey;
use crate::domain::role::{InvitedRole, Role};
use crate::http::command::{Command, Parts};
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
            let team = access::team(&tx, &command.caller, id, Right::ChangeMember)?;
            let find = |team_id| store::find(&tx, team.organization_id, team_id, member_id);
            let member = find(id)?.ok_or_else(Problem::not_found)?;
            let ChangeMember { role, new_team_id } = command.admit(&tx)?;
            if role.is_none() && new_team_id.is_none() {
                let message = "Give a role, a new_team_id, or both.";
                return Err(Problem::field("role", Invalid::new("required", message)).into());
            }
            if member.root || *role == Some(Role::Root) {
                access::allow(team.standing, Right::ChangeRoot)?;
            }
            let new_team = match new_team_id.filter(|new_team_id| *new_team_id != id) {
                Some(new_team_id) => Some(destination(&tx, command, &team, new_team_id)?),
                None => None,
            };
            access::lock_organization(&tx, team.organization_id)?;
            let mut events = Vec::new();
            let event = |action| Event::new(team.organization_id, action, Target::Member(member_id));
            if let Some(role) = role {
                change_role(&tx, &team, &member, *role)?;
                events.push(event(Action::MemberRoleChanged));
            }
            if let Some(new_team) = &new_team {
                move_to(&tx, command, &team, new_team, &member, *role)?;
                events.push(event(Action::MemberMoved));
            }
            lapse::withdraw_of_sender(&tx, team.organization_id, member_id)?;
            let now_in = new_team.as_ref().unwrap_or(&team);
            let member = find(now_in.team_id)?.ok_or_else(Problem::not_found)?.view();
            let message = format!("{} is now {} of {}.", member.full_name, member.role.as_str(), now_in.name);
            command.commit_all(tx, &events, Reply::ok(&MemberChanged { message, member }))
        })
        .await
}

/// The team to move to: visible, of the same organization, and governed by the caller as well.
fn destination(
    tx: &Tx<'_>,
    command: &Parts<ChangeMember>,
    from: &Team,
    new_team_id: TeamId,
) -> Result<Team, Problem> {
    let team = access::team(tx, &command.caller, new_team_id, Right::See)?;
    if team.organization_id != from.organization_id {
        return Err(Problem::not_found());
    }
    access::allow(team.standing, Right::ChangeMember)?;
    Ok(team)
}

/// Root belongs to the home organization, the other roles to the membership.
fn change_role(tx: &Tx<'_>, team: &Team, member: &Member, role: Role) -> Result<(), Problem> {
    let in_team = match role {
        Role::Root if member.home != team.organization_id => {
            return Err(Problem::new(Code::GuestCannotBeRoot));
        }
        Role::Root => {
            store::set_root(tx, team.organization_id, member.customer_id, true)?;
            return Ok(());
        }
        Role::Manager => InvitedRole::Manager,
        Role::User => InvitedRole::User,
    };
    if member.root {
        if !store::another_root(tx, team.organization_id, member.customer_id)? {
            return Err(Problem::new(Code::LastRoot));
        }
        store::set_root(tx, team.organization_id, member.customer_id, false)?;
    }
    store::set_role(tx, team.organization_id, team.team_id, member.customer_id, in_team)?;
    Ok(())
}

fn move_to(
    tx: &Tx<'_>,
    command: &Parts<ChangeMember>,
    from: &Team,
    to: &Team,
    member: &Member,
    role: Option<Role>,
) -> Result<(), Problem> {
    let role = match role {
        Some(Role::Manager) => InvitedRole::Manager,
        Some(Role::User) => InvitedRole::User,
        Some(Role::Root) | None => member.role,
    };
    let organization_id = from.organization_id;
    let there = store::count(tx, organization_id, to.team_id)?;
    if store::find(tx, organization_id, to.team_id, member.customer_id)?.is_none() {
        limits::check(tx, &command.app.plans, organization_id, LimitKey::TeamMembers, there)?;
    }
    store::insert(tx, organization_id, to.team_id, member.customer_id, role, command.now)?;
    store::delete(tx, organization_id, from.team_id, member.customer_id)?;
    Ok(())
}
