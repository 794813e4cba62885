//! Removes a member from a team, or lets one leave.

use super::store;
use crate::access;
use crate::domain::access::Action as Right;
use crate::domain::event::{Action, Event, Target};
use crate::domain::id::{CustomerId, TeamId};
use crate::http::command::Command;
use crate::http::path::Path;
use crate::http::reply::{Done, Reply};
use crate::invitations::lapse;
use crate::problem::Problem;

/// Remove a member
///
/// For managers of the team and roots of its organization; only a root removes a root. One may always leave.
#[utoipa::path(
    delete, path = "/v1/team/{id}/member/{member_id}", tag = "Members",
    params(
        ("id" = TeamId, Path, description = "The team."),
        ("member_id" = CustomerId, Path, description = "The member's `customer_id`."),
    ),
    responses(
        (status = 200, description = "The member is no longer in the team.", body = Done),
        (status = 403, description = "`role_insufficient`."),
    ),
)]
pub async fn remove_member(
    Path((id, member_id)): Path<(TeamId, CustomerId)>,
    command: Command<()>,
) -> Result<Reply, Problem> {
    command
        .run(move |tx, command| {
            let leaves = member_id == command.caller.customer_id;
            let team = match access::team(&tx, &command.caller, id, Right::See) {
                // Whoever has left does not see the team any more.
                Err(hidden) if leaves => return Err(command.replay_or(&tx, hidden)),
                team => team?,
            };
            let may = |right| access::allow(team.standing, right);
            let Some(member) = store::find(&tx, team.organization_id, id, member_id)? else {
                let replayable = leaves || may(Right::ChangeMember).is_ok();
                let absent = Problem::not_found();
                return Err(if replayable { command.replay_or(&tx, absent) } else { absent.into() });
            };
            may(if leaves { Right::Leave } else { member.membership.right_to_change(None) })?;
            command.admit(&tx)?;
            store::delete(&tx, team.organization_id, id, member_id)?;
            lapse::withdraw_of_sender(&tx, team.organization_id, member_id)?;
            let reply = Reply::ok(&Done::new(if leaves {
                format!("You have left {}.", team.name)
            } else {
                format!("{} is no longer a member of {}.", member.full_name(), team.name)
            }));
            let event = Event::new(team.organization_id, Action::MemberRemoved, Target::Member(member_id));
            command.commit(tx, event, reply)
        })
        .await
}
