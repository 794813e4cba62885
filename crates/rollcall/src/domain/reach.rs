//! How far a change reaches: whose queries may answer differently after it.

use super::event::{Action, Event};
use super::id::OrganizationId;

/// Whose queries may answer differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nobody's.
    Nobody,
    /// Those of customers who belong to this organization, and of guests.
    Organization(OrganizationId),
    /// Everybody's.
    Everybody,
}

impl Reach {
    /// As far as both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nobody, reach) | (reach, Self::Nobody) => reach,
            (Self::Organization(one), Self::Organization(two)) if one == two => self,
            _ => Self::Everybody,
        }
    }
}

impl Event {
    /// How far the change reaches that the event names.
    #[must_use]
    pub fn reach(&self) -> Reach {
        if stays_at_home(self.action) { Reach::Organization(self.organization_id) } else { Reach::Everybody }
    }
}

/// Whether an action changes rows of the event's organization alone, and neither what a person is called nor who is a
/// guest anywhere: both show in other organizations. What is not named here reaches everybody, so that a new action is
/// safe before anybody has thought about it.
fn stays_at_home(action: Action) -> bool {
    matches!(
        action,
        Action::SignUpRequested
            | Action::SignUpCodeRefused
            | Action::SessionStarted
            | Action::SessionRefused
            | Action::SessionRefreshed
            | Action::SessionEnded
            | Action::TeamCreated
            | Action::TeamRenamed
            | Action::InvitationSent
            | Action::InvitationReminded
            | Action::InvitationLinkCreated
            | Action::ChannelCreated
            | Action::ChannelUpdated
            | Action::ChannelReordered
            | Action::ChannelCodeSent
            | Action::ChannelCodeRefused
            | Action::ChannelVerified
            | Action::ChannelEnabled
            | Action::ChannelDisabled
            | Action::ChannelTested
            | Action::ChannelDeleted
            | Action::ServiceCreated
            | Action::ServiceRenamed
            | Action::ServiceDeleted
            | Action::FeedbackGiven
    )
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::event::Target;

    #[test]
    fn several_changes_reach_as_far_as_the_farthest() {
        let (one, two) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
        let (one, two) = (Reach::Organization(one), Reach::Organization(two));
        assert_eq!(Reach::Nobody.and(one), one);
        assert_eq!(one.and(one), one);
        assert_eq!(one.and(two), Reach::Everybody);
        assert_eq!(Reach::Everybody.and(one), Reach::Everybody);
    }

    #[test]
    fn names_memberships_and_upkeep_reach_everybody() {
        for action in [
            Action::Upkeep,
            Action::CustomerUpdated,
            Action::CustomerDeleted,
            Action::UsernameChanged,
            Action::InvitationAccepted,
            Action::MemberRoleChanged,
            Action::MemberMoved,
            Action::MemberRemoved,
        ] {
            let event = Event::new(Uuid::from_u128(1).into(), action, Target::Server);
            assert_eq!(event.reach(), Reach::Everybody, "{action:?}");
        }
    }
}
