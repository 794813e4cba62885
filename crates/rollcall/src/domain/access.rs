//! Who may do what in a team: the role table, in one place.

/// What a caller is to a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A root of the team's organization, member or not.
    Root,
    /// A member who manages it.
    Manager,
    /// A member.
    User,
    /// Anybody else.
    Stranger,
}

/// What a caller wants of a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// See it, its members, services, channels, invitations, deliveries.
    See,
    /// See the secrets in its channels' values.
    SeeSecrets,
    /// Rename or delete it; its channels, invitations, services.
    Govern,
    /// Change, move or remove a member who is no root.
    ChangeMember,
    /// Make or unmake a root, change or remove one.
    ChangeRoot,
    /// Leave it.
    Leave,
}

/// What the table says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// Go ahead.
    Allowed,
    /// The caller sees the team, but not this far.
    RoleInsufficient,
    /// For the caller there is no such team.
    Hidden,
}

/// Judges by the table.
#[must_use]
pub fn judge(standing: Standing, action: Action) -> Judgement {
    use Action::{ChangeMember, ChangeRoot, Govern, Leave, See, SeeSecrets};
    match (standing, action) {
        (Standing::Stranger, _) => Judgement::Hidden,
        (Standing::Root, _) | (_, See | Leave) | (Standing::Manager, Govern | ChangeMember | SeeSecrets) => {
            Judgement::Allowed
        }
        (Standing::Manager, ChangeRoot)
        | (Standing::User, Govern | ChangeMember | ChangeRoot | SeeSecrets) => Judgement::RoleInsufficient,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_one_of_the_contract() {
        use Judgement::{Allowed as Yes, Hidden as Gone, RoleInsufficient as No};
        for (action, root, manager, user) in [
            (Action::See, Yes, Yes, Yes),
            (Action::SeeSecrets, Yes, Yes, No),
            (Action::Govern, Yes, Yes, No),
            (Action::ChangeMember, Yes, Yes, No),
            (Action::ChangeRoot, Yes, No, No),
            (Action::Leave, Yes, Yes, Yes),
        ] {
            assert_eq!(judge(Standing::Root, action), root, "{action:?}");
            assert_eq!(judge(Standing::Manager, action), manager, "{action:?}");
            assert_eq!(judge(Standing::User, action), user, "{action:?}");
            assert_eq!(judge(Standing::Stranger, action), Gone, "{action:?}");
        }
    }
}
