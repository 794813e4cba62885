//! Loading a thing is asking for the right to it: the only way to get a team or a service.
//!
//! A command that loads one holds the organization from then on: rights and rules are judged on what the commands before it left
//! behind, and stay true until its commit. Queries hold nothing.

use jiff::Timestamp;

use crate::db::{self, Args, Reader, Sql, Tx};
use crate::domain::access::{Action, Judgement, Standing, judge};
use crate::domain::id::{CustomerId, Id, OrganizationId, ServiceId, TeamId};
use crate::domain::role::Role;
use crate::http::caller::Caller;
use crate::problem::{Code, Problem};

/// A team that the caller may do something to.
#[derive(Debug, Clone)]
pub struct Team {
    /// The organization that it belongs to, not always the caller's.
    pub organization_id: OrganizationId,
    /// Its id.
    pub team_id: TeamId,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// What the caller is to it.
    pub standing: Standing,
}

/// Where rights are read: a query's snapshot, or a command's transaction.
pub trait Ground {
    /// Runs statements that read.
    fn reader(&self) -> &Reader<'_>;

    /// Takes rows for a command ([`Tx::lock`]); a query takes none.
    fn lock(&self, postgres: &'static str, args: impl Args) -> Result<(), db::Error>;

    /// Whether there is anybody to take rows from.
    fn has_rivals(&self) -> bool;

    /// Whether what is found here is about to be changed.
    fn changes(&self) -> bool;
}

impl Ground for Reader<'_> {
    fn reader(&self) -> &Reader<'_> {
        self
    }

    fn lock(&self, _: &'static str, _: impl Args) -> Result<(), db::Error> {
        Ok(())
    }

    fn has_rivals(&self) -> bool {
        false
    }

    fn changes(&self) -> bool {
        false
    }
}

impl Ground for Tx<'_> {
    fn reader(&self) -> &Reader<'_> {
        self
    }

    fn lock(&self, postgres: &'static str, args: impl Args) -> Result<(), db::Error> {
        Tx::lock(self, postgres, args)
    }

    fn has_rivals(&self) -> bool {
        Tx::has_rivals(self)
    }

    fn changes(&self) -> bool {
        true
    }
}

/// Lets a command wait for those of the same organization that came before.
///
/// # Errors
/// The storage's.
pub fn hold(ground: &impl Ground, organization_id: OrganizationId) -> Result<(), db::Error> {
    ground.lock("select 1 from organization where organization_id = $1 for no key update", (organization_id,))
}

/// The same where the organization is still to be looked up, by a statement of its own: locks go to one shard.
///
/// # Errors
/// The storage's.
pub fn hold_by(ground: &impl Ground, lookup: &'static str, args: impl Args) -> Result<(), db::Error> {
    if ground.has_rivals()
        && let Some((organization_id,)) = ground.reader().fetch_optional(lookup, args)?
    {
        hold(ground, organization_id)?;
    }
    Ok(())
}

/// The team behind an id, and what a customer is to it.
macro_rules! team_behind {
    ($joins:literal) => {
        concat!(
            "select team.organization_id, team.team_id, team.name, team.created_at, customer.root, membership.role
             from directory ",
            $joins,
            " left join customer on customer.organization_id = team.organization_id and customer.customer_id = $2
             left join membership on membership.organization_id = team.organization_id
                  and membership.team_id = team.team_id and membership.customer_id = $2
             where directory.id = $1"
        )
    };
}

const BEHIND_TEAM: &str = team_behind!(
    "join team on team.organization_id = directory.organization_id and team.team_id = directory.id"
);

const BEHIND_SERVICE: &str = team_behind!(
    "join service on service.organization_id = directory.organization_id and service.service_id = directory.id
     join team on team.organization_id = service.organization_id and team.team_id = service.team_id"
);

/// Loads a team for an action.
///
/// # Errors
/// 404 where the caller may not see it or it does not exist, 403 where the role does not suffice.
pub fn team(ground: &impl Ground, caller: &Caller, team_id: TeamId, action: Action) -> Result<Team, Problem> {
    load(ground, BEHIND_TEAM, caller, team_id, action)
}

/// The team that owns a service, loaded for an action on the service.
///
/// # Errors
/// As [`team`].
pub fn team_of_service(
    ground: &impl Ground,
    caller: &Caller,
    service_id: ServiceId,
    action: Action,
) -> Result<Team, Problem> {
    load(ground, BEHIND_SERVICE, caller, service_id, action)
}

/// Judged twice by a command that has rivals. Only whom the first judgement lets in waits for the organization and holds it: a
/// stranger neither keeps its commands waiting nor learns by waiting that it is there. Only the second judgement lasts.
fn load(
    ground: &impl Ground,
    team_behind: &'static str,
    caller: &Caller,
    id: impl Id,
    action: Action,
) -> Result<Team, Problem> {
    let judged = || judged(ground.reader(), team_behind, caller, id, action);
    if ground.has_rivals() {
        hold(ground, judged()?.organization_id)?;
    }
    judged()
}

fn judged(
    reader: &Reader<'_>,
    team_behind: &'static str,
    caller: &Caller,
    id: impl Id,
    action: Action,
) -> Result<Team, Problem> {
    let found: Option<(OrganizationId, TeamId, String, Timestamp, Option<bool>, Option<String>)> =
        reader.fetch_optional(team_behind, (id.uuid(), caller.customer_id))?;
    let (organization_id, team_id, name, created_at, root, role) = found.ok_or_else(Problem::not_found)?;
    let standing = standing(root, role.as_deref());
    allow(standing, action)?;
    Ok(Team { organization_id, team_id, name, created_at, standing })
}

/// Whether a team or service exists for nobody any more, or never did.
///
/// # Errors
/// The storage's.
pub fn gone(reader: &Reader<'_>, id: impl Id) -> Result<bool, db::Error> {
    let row: Option<(i64,)> = reader.fetch_optional("select 1 from directory where id = $1", (id.uuid(),))?;
    Ok(row.is_none())
}

/// Whether a team or service belongs to an organization. Nothing is loaded by this.
///
/// # Errors
/// The storage's.
pub fn is_in(reader: &Reader<'_>, id: impl Id, organization_id: OrganizationId) -> Result<bool, db::Error> {
    let row: Option<(i64,)> = reader.fetch_optional(
        "select 1 from directory where id = $1 and organization_id = $2",
        (id.uuid(), organization_id),
    )?;
    Ok(row.is_some())
}

/// What a customer is to a team. Being root belongs to the home organization: a guest is never one.
#[must_use]
pub fn standing(root_at_home: Option<bool>, role: Option<&str>) -> Standing {
    match (root_at_home, role) {
        (Some(true), _) => Standing::Root,
        (_, Some("manager")) => Standing::Manager,
        (_, Some(_)) => Standing::User,
        (_, None) => Standing::Stranger,
    }
}

/// The role that a member shows in a team.
#[must_use]
pub fn shown_role(root_at_home: bool, role: &str) -> Role {
    match (root_at_home, role) {
        (true, _) => Role::Root,
        (_, "manager") => Role::Manager,
        _ => Role::User,
    }
}

/// Judges an action by the role table.
///
/// # Errors
/// 404 or 403.
pub fn allow(standing: Standing, action: Action) -> Result<(), Problem> {
    match judge(standing, action) {
        Judgement::Allowed => Ok(()),
        Judgement::RoleInsufficient => Err(Problem::new(Code::RoleInsufficient)),
        Judgement::Hidden => Err(Problem::not_found()),
    }
}

/// Whether a customer is a root of the organization.
pub fn is_root(
    reader: &Reader<'_>,
    organization_id: OrganizationId,
    customer_id: CustomerId,
) -> Result<bool, db::Error> {
    let root: Option<(bool,)> = reader.fetch_optional(
        "select root from customer where organization_id = $1 and customer_id = $2",
        (organization_id, customer_id),
    )?;
    Ok(root.is_some_and(|(root,)| root))
}

/// `root`, or the highest role in any team, other organizations' included, else `user`.
pub fn highest_role(
    reader: &Reader<'_>,
    organization_id: OrganizationId,
    customer_id: CustomerId,
) -> Result<Role, db::Error> {
    if is_root(reader, organization_id, customer_id)? {
        return Ok(Role::Root);
    }
    let manages: Option<(i64,)> = reader.fetch_optional(
        "select 1 from membership where customer_id = $1 and role = 'manager' limit 1",
        (customer_id,),
    )?;
    Ok(if manages.is_some() { Role::Manager } else { Role::User })
}

/// Takes the organization's row before a right or a rule of it is looked at (last root, limits, a password that is being changed):
/// commands of one organization come one after another, so that two cannot both pass.
///
/// Two spellings: SQLite's commands come one after another anyway, and it has no word for it.
///
/// # Errors
/// 404 where it is gone.
pub fn lock_organization(tx: &Tx<'_>, organization_id: OrganizationId) -> Result<(), Problem> {
    const LOCK: Sql = Sql::spelled(
        "select 1 from organization where organization_id = $1",
        "select 1 from organization where organization_id = $1 for no key update",
    );
    let found: Option<(i64,)> = tx.fetch_optional(LOCK, (organization_id,))?;
    found.map(|_| ()).ok_or_else(Problem::not_found)
}

/// Lets a command that is about the caller alone wait likewise, who may have left since the request was let in.
///
/// # Errors
/// 404 for whoever has.
pub fn hold_home(ground: &impl Ground, caller: &Caller) -> Result<(), Problem> {
    hold(ground, caller.organization_id)?;
    if !ground.changes() {
        return Ok(());
    }
    let found: Option<(i64,)> = ground.reader().fetch_optional(
        "select 1 from customer where organization_id = $1 and customer_id = $2",
        (caller.organization_id, caller.customer_id),
    )?;
    found.map(|_| ()).ok_or_else(Problem::not_found)
}
