//! How each parsed type is read from the JSON of a body.

use serde_json::Value;

use super::body::Field;
use crate::domain::feedback::Rating;
use crate::domain::free_text::FreeText;
use crate::domain::id::{CustomerId, Id, TeamId};
use crate::domain::invalid::Invalid;
use crate::domain::priority::Priority;

fn wrong_type(expected: &'static str) -> Invalid {
    Invalid { code: "type_invalid", message: format!("Give {expected}.").into() }
}

fn text(value: &Value) -> Result<&str, Invalid> {
    value.as_str().ok_or_else(|| wrong_type("a text"))
}

/// A whole number, however it is written: `3`, `3.0` and `3e0` are one number in JSON (RFC 8259 §6).
fn whole(value: &Value) -> Result<i64, Invalid> {
    #[expect(clippy::cast_possible_truncation, reason = "bounded in the line before")]
    let exact = |number: f64| (number.fract() == 0.0 && number.abs() < 1e15).then_some(number as i64);
    value.as_i64().or_else(|| value.as_f64().and_then(exact)).ok_or_else(|| wrong_type("a whole number"))
}

impl Field for String {
    fn read(value: &Value) -> Result<Self, Invalid> {
        text(value).map(str::to_owned)
    }
}

impl Field for bool {
    fn read(value: &Value) -> Result<Self, Invalid> {
        value.as_bool().ok_or_else(|| wrong_type("true or false"))
    }
}

fn id<T: Id>(value: &Value) -> Result<T, Invalid> {
    text(value)?
        .parse()
        .map_err(|why: T::Err| Invalid { code: "id_invalid", message: format!("{why}.").into() })
}

impl Field for Priority {
    fn read(value: &Value) -> Result<Self, Invalid> {
        whole(value).and_then(Self::new)
    }
}

impl Field for Rating {
    fn read(value: &Value) -> Result<Self, Invalid> {
        whole(value).and_then(Self::new)
    }
}

impl<const SHORTEST: usize, const LONGEST: usize> Field for FreeText<SHORTEST, LONGEST> {
    fn read(value: &Value) -> Result<Self, Invalid> {
        Self::parse(text(value)?)
    }
}

impl Field for TeamId {
    fn read(value: &Value) -> Result<Self, Invalid> {
        id(value)
    }
}

impl Field for CustomerId {
    fn read(value: &Value) -> Result<Self, Invalid> {
        id(value)
    }
}

impl<T: Field> Field for Vec<T> {
    fn read(value: &Value) -> Result<Self, Invalid> {
        value.as_array().ok_or_else(|| wrong_type("a list"))?.iter().map(T::read).collect()
    }
}

/// Types that are parsed from one text.
macro_rules! texts {
    ($($type:ty),+ $(,)?) => {$(
        impl Field for $type {
            fn read(value: &Value) -> Result<Self, Invalid> {
                <$type>::parse(text(value)?)
            }
        }
    )+};
}

texts! {
    crate::domain::email_address::EmailAddress,
    crate::domain::person_name::PersonName,
    crate::domain::team_name::TeamName,
    crate::domain::service_name::ServiceName,
    crate::domain::organization_name::OrganizationName,
    crate::domain::password::Password,
    crate::domain::password::GivenPassword,
    crate::domain::one_time_code::Code,
    crate::domain::role::Role,
    crate::domain::role::InvitedRole,
    crate::domain::channel_type::ChannelType,
    crate::domain::feedback::Category,
    crate::domain::severity::Severity,
    crate::domain::notification::Title,
    crate::domain::notification::DedupKey,
    crate::domain::notification::Url,
    crate::domain::invitation::InvitationChannel,
    crate::invitations::withdraw::AnyAddress,
}
