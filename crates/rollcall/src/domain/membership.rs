//! What somebody is in a team, and which changes of it are allowed: root belongs to the organization, not to a team.

use super::access::Action;
use super::role::{InvitedRole, Role};

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// Whether another organization is the member's home.
    pub guest: bool,
    /// Whether the member is root of the team's organization; never a guest.
    pub root: bool,
    /// The role in the team itself, which stays below the one of a root.
    pub role: InvitedRole,
}

/// Why a role is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Root belongs to the home organization.
    GuestCannotBeRoot,
    /// An organization is never without a root.
    LastRoot,
}

impl Membership {
    /// The role that the team sees.
    #[must_use]
    pub fn shown(self) -> Role {
        match (self.root, self.role) {
            (true, _) => Role::Root,
            (false, InvitedRole::Manager) => Role::Manager,
            (false, InvitedRole::User) => Role::User,
        }
    }

    /// The right that it takes to change this member, to a new role or in any other way.
    #[must_use]
    pub fn right_to_change(self, new: Option<Role>) -> Action {
        if self.root || new == Some(Role::Root) { Action::ChangeRoot } else { Action::ChangeMember }
    }

    /// The member with another role. A new root keeps the role in the team for the time after.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn with_role(self, new: Role, another_root: bool) -> Result<Self, Refused> {
        let role = match new {
            Role::Root if self.guest => return Err(Refused::GuestCannotBeRoot),
            Role::Root => return Ok(Self { root: true, ..self }),
            Role::Manager => InvitedRole::Manager,
            Role::User => InvitedRole::User,
        };
        if self.root && !another_root {
            return Err(Refused::LastRoot);
        }
        Ok(Self { root: false, role, ..self })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const USER: Membership = Membership { guest: false, root: false, role: InvitedRole::User };
    const MANAGER: Membership = Membership { role: InvitedRole::Manager, ..USER };
    const ROOT: Membership = Membership { root: true, ..MANAGER };
    const GUEST: Membership = Membership { guest: true, ..USER };
    const GUEST_MANAGER: Membership = Membership { guest: true, ..MANAGER };

    #[test]
    fn each_change_of_role_has_its_outcome() {
        let last = Err(Refused::LastRoot);
        for (before, new, another_root, after) in [
            (USER, Role::User, false, Ok(USER)),
            (USER, Role::Manager, false, Ok(MANAGER)),
            (USER, Role::Root, true, Ok(Membership { root: true, ..USER })),
            (MANAGER, Role::User, true, Ok(USER)),
            (MANAGER, Role::Root, true, Ok(ROOT)),
            (ROOT, Role::Root, false, Ok(ROOT)),
            (ROOT, Role::Manager, true, Ok(MANAGER)),
            (ROOT, Role::User, true, Ok(USER)),
            (ROOT, Role::Manager, false, last),
            (ROOT, Role::User, false, last),
            (GUEST, Role::Manager, false, Ok(GUEST_MANAGER)),
            (GUEST_MANAGER, Role::User, false, Ok(GUEST)),
            (GUEST, Role::Root, true, Err(Refused::GuestCannotBeRoot)),
            (GUEST_MANAGER, Role::Root, false, Err(Refused::GuestCannotBeRoot)),
        ] {
            assert_eq!(before.with_role(new, another_root), after, "{before:?} to {new:?}");
        }
    }

    #[test]
    fn roots_take_the_right_of_a_root_to_be_made_unmade_or_changed() {
        for (member, new, right) in [
            (USER, None, Action::ChangeMember),
            (MANAGER, Some(Role::User), Action::ChangeMember),
            (GUEST, Some(Role::Manager), Action::ChangeMember),
            (USER, Some(Role::Root), Action::ChangeRoot),
            (ROOT, None, Action::ChangeRoot),
            (ROOT, Some(Role::User), Action::ChangeRoot),
        ] {
            assert_eq!(member.right_to_change(new), right, "{member:?} to {new:?}");
        }
    }

    proptest! {
        #[test]
        fn no_sequence_of_changes_leaves_an_organization_without_a_root_or_makes_one_of_a_guest(
            steps in prop::collection::vec((0_usize..5, 0_usize..3), 0..60),
        ) {
            let mut members = [ROOT, MANAGER, USER, GUEST, GUEST_MANAGER];
            for (who, role) in steps {
                let others = members.iter().enumerate().any(|(index, member)| index != who && member.root);
                let role = [Role::User, Role::Manager, Role::Root][role];
                if let Ok(after) = members[who].with_role(role, others) {
                    prop_assert_eq!(after.shown(), role);
                    prop_assert_eq!(after.guest, members[who].guest);
                    members[who] = after;
                }
                prop_assert!(members.iter().any(|member| member.root));
                prop_assert!(members.iter().all(|member| !(member.root && member.guest)));
            }
        }
    }
}
