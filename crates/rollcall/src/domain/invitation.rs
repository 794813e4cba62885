//! An invitation: how long it is open, how often one may remind, whom it names.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use utoipa::ToSchema;

use super::email_address::EmailAddress;
use super::invalid::Invalid;
use super::phone_number::PhoneNumber;
use super::set_back;

/// How long an invitation, or its last reminder, is open.
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(7 * 24);
/// From one reminder to the next.
pub const REMINDER_GAP: SignedDuration = SignedDuration::from_mins(15);

/// What has become of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = InvitationStatus)]
pub enum Status {
    /// It can be accepted.
    Pending,
    /// It was.
    Accepted,
    /// It was declined.
    Declined,
    /// Its time ran out.
    Expired,
    /// It was taken back.
    Withdrawn,
}

impl Status {
    /// The status now, of what is stored: an invitation expires without anybody writing it down.
    #[must_use]
    pub fn now(stored: &str, expires_at: Timestamp, now: Timestamp) -> Self {
        match stored {
            "accepted" => Self::Accepted,
            "declined" => Self::Declined,
            "withdrawn" => Self::Withdrawn,
            _ if expires_at <= now => Self::Expired,
            _ => Self::Pending,
        }
    }
}

/// Whether a reminder may go out: the first at once, the next after [`REMINDER_GAP`].
///
/// # Errors
/// How long to wait.
pub fn may_remind(reminded_at: Option<Timestamp>, now: Timestamp) -> Result<(), Duration> {
    let Some(last) = reminded_at else { return Ok(()) };
    let left = (last + REMINDER_GAP).duration_since(now);
    if left.is_positive() && !set_back::since(last, now) { Err(left.unsigned_abs()) } else { Ok(()) }
}

/// By what somebody is invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InvitationChannel {
    /// By mail: accepting proves the address.
    Email,
    /// By text message.
    Sms,
}

impl InvitationChannel {
    /// The word of the API and of the schema.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// Reads the word.
    ///
    /// # Errors
    /// `type_unknown`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "email" => Ok(Self::Email),
            "sms" => Ok(Self::Sms),
            _ => Err(Invalid::new("type_unknown", "Give email or sms.")),
        }
    }
}

impl ToSchema for InvitationChannel {}
impl utoipa::PartialSchema for InvitationChannel {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        super::schema::words(&["email", "sms"], "By what the invitation is sent.")
    }
}

/// Whom an invitation names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvitedAddress {
    /// An address.
    Email(EmailAddress),
    /// A number.
    Sms(PhoneNumber),
}

impl InvitedAddress {
    /// Reads a value of a channel type.
    ///
    /// # Errors
    /// What the type refuses.
    pub fn parse(channel: InvitationChannel, text: &str) -> Result<Self, Invalid> {
        match channel {
            InvitationChannel::Email => EmailAddress::parse(text).map(Self::Email),
            InvitationChannel::Sms => PhoneNumber::parse(text).map(Self::Sms),
        }
    }

    /// As it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(address) => address.as_str(),
            Self::Sms(number) => number.as_str(),
        }
    }

    /// Folded for comparison.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Email(address) => address.key(),
            Self::Sms(number) => number.as_str().to_owned(),
        }
    }

    /// By what it is reached.
    #[must_use]
    pub fn channel(&self) -> InvitationChannel {
        match self {
            Self::Email(_) => InvitationChannel::Email,
            Self::Sms(_) => InvitationChannel::Sms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reminder_may_follow_at_once_and_the_next_a_quarter_of_an_hour_later() {
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(may_remind(None, now), Ok(()));
        assert_eq!(may_remind(Some(now), now + SignedDuration::from_mins(14)), Err(Duration::from_secs(60)));
        assert_eq!(may_remind(Some(now), now + REMINDER_GAP), Ok(()));
    }

    #[test]
    fn only_a_pending_invitation_expires() {
        let (then, now) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH + LIFETIME);
        assert_eq!(Status::now("pending", now, then), Status::Pending);
        assert_eq!(Status::now("pending", then, now), Status::Expired);
        assert_eq!(Status::now("accepted", then, now), Status::Accepted);
    }
}
