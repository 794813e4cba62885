//! A notification channel and its states: what cannot be is not writable.

use jiff::Timestamp;
use utoipa::ToSchema;

use super::channel_type::ChannelType;
use super::channel_value::ChannelValue;
use super::id::{ChannelId, CustomerId, Id, OrganizationId, TeamId};
use super::priority::Priority;

/// Whose a channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A person's.
    Customer(CustomerId),
    /// A team's.
    Team(TeamId),
}

impl Owner {
    /// The id, whatever kind of owner it is: no two things share one.
    #[must_use]
    pub fn uuid(self) -> uuid::Uuid {
        match self {
            Self::Customer(id) => id.uuid(),
            Self::Team(id) => id.uuid(),
        }
    }
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// The owner's organization.
    pub organization_id: OrganizationId,
    /// Its id, which clients do not see.
    pub channel_id: ChannelId,
    /// Whose it is.
    pub owner: Owner,
    /// Its place, by which clients name it.
    pub priority: Priority,
    /// Its type, which never changes.
    pub kind: ChannelType,
    /// Where it stands.
    pub state: State,
    /// When it was added.
    pub created_at: Timestamp,
}

/// Where a channel stands. A new value can only wait where an old one was proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Never proved: it gets codes and nothing else.
    Unverified {
        /// What is to be proved.
        value: ChannelValue,
    },
    /// Proved.
    Verified {
        /// What was proved.
        value: ChannelValue,
        /// When.
        verified_at: Timestamp,
        /// Whether messages go there.
        enabled: bool,
        /// Why the service itself switched it off.
        disabled_reason: Option<String>,
        /// The value that takes over once it is proved.
        pending: Option<ChannelValue>,
    },
}

/// What clients see of the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ChannelStatus)]
pub enum Status {
    /// Never verified.
    Pending,
    /// Verified and enabled.
    Active,
    /// Verified and switched off.
    Disabled,
}

/// There is nothing to verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlreadyVerified;

/// The channel was never verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotVerified;

/// What a change of the value asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The value is the one that is there: nothing waits any more.
    Settled,
    /// A code must go to the new value.
    AwaitsCode,
}

impl Channel {
    /// What clients see of the state.
    #[must_use]
    pub fn status(&self) -> Status {
        match &self.state {
            State::Unverified { .. } => Status::Pending,
            State::Verified { enabled: true, .. } => Status::Active,
            State::Verified { enabled: false, .. } => Status::Disabled,
        }
    }

    /// The value that messages go to, or will.
    #[must_use]
    pub fn value(&self) -> &ChannelValue {
        match &self.state {
            State::Unverified { value } | State::Verified { value, .. } => value,
        }
    }

    /// The value that waits to take over.
    #[must_use]
    pub fn pending(&self) -> Option<&ChannelValue> {
        match &self.state {
            State::Unverified { .. } => None,
            State::Verified { pending, .. } => pending.as_ref(),
        }
    }

    /// The value that a code must prove.
    ///
    /// # Errors
    /// There is none.
    pub fn awaits_code(&self) -> Result<&ChannelValue, AlreadyVerified> {
        match &self.state {
            State::Unverified { value } => Ok(value),
            State::Verified { pending, .. } => pending.as_ref().ok_or(AlreadyVerified),
        }
    }

    /// The code was right. The first time it switches the channel on; later the new value takes over and nothing else changes.
    ///
    /// # Errors
    /// Nothing waited for a code.
    pub fn verify(&mut self, now: Timestamp) -> Result<(), AlreadyVerified> {
        let proved = self.awaits_code()?.clone();
        self.state = match &self.state {
            State::Unverified { .. } => State::Verified {
                value: proved,
                verified_at: now,
                enabled: true,
                disabled_reason: None,
                pending: None,
            },
            State::Verified { enabled, disabled_reason, .. } => State::Verified {
                value: proved,
                verified_at: now,
                enabled: *enabled,
                disabled_reason: disabled_reason.clone(),
                pending: None,
            },
        };
        Ok(())
    }

    /// Gives it a new value. A value that was never proved is replaced at once; a proved one goes on receiving until the
    /// new one is. The current value again takes a waiting one back.
    pub fn change_value(&mut self, new: ChannelValue) -> Change {
        match &mut self.state {
            State::Unverified { value } => {
                *value = new;
                Change::AwaitsCode
            }
            State::Verified { value, pending, .. } if value.key() == new.key() => {
                *pending = None;
                Change::Settled
            }
            State::Verified { pending, .. } => {
                *pending = Some(new);
                Change::AwaitsCode
            }
        }
    }

    /// Follows a proved Telegram chat to its new number, and says whether there was anything to follow.
    pub fn follow(&mut self, chat: &str) -> bool {
        let State::Verified { value, .. } = &mut self.state else { return false };
        let moved = match (self.kind, value.as_str().split_once('@')) {
            (ChannelType::Telegram, Some((bot, _))) => {
                ChannelValue::parse(self.kind, &format!("{bot}@{chat}"))
            }
            _ => return false,
        };
        let Ok(moved) = moved else { return false };
        let changed = moved != *value;
        *value = moved;
        changed
    }

    /// Switches it on or off. Switching on forgets why the service had switched it off.
    ///
    /// # Errors
    /// It is to be switched on but was never verified.
    pub fn enable(&mut self, on: bool) -> Result<(), NotVerified> {
        match &mut self.state {
            State::Unverified { .. } if on => Err(NotVerified),
            State::Unverified { .. } => Ok(()),
            State::Verified { enabled, disabled_reason, .. } => {
                *enabled = on;
                if on {
                    *disabled_reason = None;
                }
                Ok(())
            }
        }
    }

    /// The value that a test goes to.
    ///
    /// # Errors
    /// It was never verified.
    pub fn testable(&self) -> Result<&ChannelValue, NotVerified> {
        match &self.state {
            State::Unverified { .. } => Err(NotVerified),
            State::Verified { value, .. } => Ok(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(number: u8) -> ChannelValue {
        ChannelValue::parse(ChannelType::Email, &format!("a{number}@example.com")).expect("an address")
    }

    fn channel() -> Channel {
        Channel {
            organization_id: OrganizationId::NONE,
            channel_id: uuid::Uuid::nil().into(),
            owner: Owner::Team(uuid::Uuid::nil().into()),
            priority: Priority::new(1).expect("a priority"),
            kind: ChannelType::Email,
            state: State::Unverified { value: value(0) },
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_first_verification_switches_it_on_and_a_later_one_leaves_that_alone() {
        let mut channel = channel();
        assert_eq!(channel.enable(true), Err(NotVerified));
        channel.verify(Timestamp::UNIX_EPOCH).expect("it waits");
        assert_eq!(channel.status(), Status::Active);
        channel.enable(false).expect("verified");
        assert_eq!(channel.change_value(value(1)), Change::AwaitsCode);
        assert_eq!(channel.value(), &value(0));
        channel.verify(Timestamp::UNIX_EPOCH).expect("it waits");
        assert_eq!((channel.value(), channel.status()), (&value(1), Status::Disabled));
        assert_eq!(channel.verify(Timestamp::UNIX_EPOCH), Err(AlreadyVerified));
    }

    #[test]
    fn the_current_value_takes_a_waiting_one_back() {
        let mut channel = channel();
        channel.verify(Timestamp::UNIX_EPOCH).expect("it waits");
        channel.change_value(value(1));
        assert_eq!(channel.change_value(value(0)), Change::Settled);
        assert_eq!(channel.pending(), None);
    }

    proptest! {
        #[test]
        fn no_sequence_of_changes_makes_an_unproved_value_receive(steps in prop::collection::vec((0_u8..4, 0_u8..4), 0..40)) {
            let mut channel = channel();
            let mut proved = Vec::new();
            for (step, number) in steps {
                match step {
                    0 => { channel.change_value(value(number)); }
                    1 => if let Ok(value) = channel.awaits_code().cloned() {
                        proved.push(value);
                        channel.verify(Timestamp::UNIX_EPOCH).expect("it waits");
                    },
                    2 => { let _ = channel.enable(number % 2 == 0); }
                    _ => {}
                }
                if let Ok(receives) = channel.testable() {
                    prop_assert!(proved.contains(receives));
                }
                prop_assert_eq!(channel.status() == Status::Pending, channel.testable().is_err());
            }
        }
    }
}
