//! Ids of things: UUIDv7 (RFC 9562) in a type of their own each, so that a team's id cannot stand for a customer's.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// A text that is no UUID in the canonical form (8-4-4-4-12 hexadecimal digits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is a UUID like 01890a5d-ac96-774b-bcce-b302099a8057")]
pub struct InvalidId;

/// An id type over [`Uuid`].
pub trait Id: Copy + From<Uuid> + FromStr<Err = InvalidId> {
    /// The UUID behind it.
    fn uuid(self) -> Uuid;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl Id for $name {
            fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            /// Accepts any UUID in the hyphenated form, in either letter case.
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                if text.len() != 36 {
                    return Err(InvalidId);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
            }
        }

        impl utoipa::ToSchema for $name {}
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                use utoipa::openapi::{KnownFormat, ObjectBuilder, SchemaFormat, schema::Type};
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
                    .into()
            }
        }
    )+};
}

ids! {
    /// A customer: a person with an account.
    CustomerId
    /// An organization: the tenant.
    OrganizationId
    /// A team of an organization.
    TeamId
    /// A monitored service that a team owns.
    ServiceId
    /// An invitation to a team.
    InvitationId
    /// A notification channel of a customer or a team.
    ChannelId
    /// One message on its way to one receiver.
    DeliveryId
    /// A sign-in, with the tokens that came of it.
    SessionId
    /// An entry of the audit log.
    EventId
    /// A piece of feedback.
    FeedbackId
}

impl OrganizationId {
    /// The organization of what belongs to no tenant: sign-ups, the server's own audit chain.
    pub const NONE: Self = Self(Uuid::nil());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hyphenated_form_is_an_id() {
        assert!("01890a5d-ac96-774b-bcce-b302099a8057".parse::<TeamId>().is_ok());
        assert!("01890A5D-AC96-774B-BCCE-B302099A8057".parse::<TeamId>().is_ok());
        for text in ["", "1", "01890a5dac96774bbcceb302099a8057", "{01890a5d-ac96-774b-bcce-b302099a8057}"] {
            assert_eq!(text.parse::<TeamId>(), Err(InvalidId), "{text}");
        }
    }
}
