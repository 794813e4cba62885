//! What the parsers of `domain/` promise whatever they are given: no panic, and what was taken is taken again as it is.

use super::channel_type::ChannelType;
use super::channel_value::ChannelValue;
use super::email_address::EmailAddress;
use super::free_text::FreeText;
use super::id::TeamId;
use super::invitation::{InvitationChannel, InvitedAddress};
use super::notification::{DedupKey, Title, Url};
use super::one_time_code::Code;
use super::password::{GivenPassword, Password};
use super::person_name::PersonName;
use super::phone_number::PhoneNumber;
use super::plan::Plans;
use super::priority::Priority;
use super::role::Role;
use super::severity::Severity;
use super::token::{Token, TokenKind};

pub(crate) fn email_address(text: &str) {
    let Ok(address) = EmailAddress::parse(text) else { return };
    assert_eq!(EmailAddress::parse(address.as_str()).as_ref(), Ok(&address));
    assert!(address.as_str().is_char_boundary(address.as_str().len()) && address.as_str().len() <= 254);
    let key = address.key();
    assert!(key.contains('@') && !key.chars().any(char::is_control));
    // What is stored to compare addresses by must not move when it is folded again.
    if let Ok(folded) = EmailAddress::parse(&key) {
        assert_eq!(folded.key(), key);
    }
    let _ = format!("{address:?}");
}

pub(crate) fn phone_number(text: &str) {
    let Ok(number) = PhoneNumber::parse(text) else { return };
    assert_eq!(PhoneNumber::parse(number.as_str()).as_ref(), Ok(&number));
    let digits = number.as_str().strip_prefix('+').expect("a plus");
    assert!((5..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()));
    let _ = format!("{number:?}");
}

/// The first character chooses the type.
pub(crate) fn channel_value(text: &str) {
    let Some(first) = text.chars().next() else { return };
    let kind = ChannelType::ALL[first as usize % ChannelType::ALL.len()];
    let Ok(value) = ChannelValue::parse(kind, &text[first.len_utf8()..]) else { return };
    let again = ChannelValue::parse(kind, value.as_str()).expect("what was taken is taken again");
    assert_eq!((again.key(), again.masked()), (value.key(), value.masked()));
    if let Some(url) = value.url() {
        let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
        assert!(["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)), "{url}");
    }
    let _ = format!("{value:?}");
}

pub(crate) fn texts(text: &str) {
    if let Ok(name) = PersonName::parse(text) {
        assert_eq!(PersonName::parse(name.as_str()).as_ref(), Ok(&name));
        assert_eq!(
            PersonName::parse(&name.key()).map_or_else(|_| name.key(), |folded| folded.key()),
            name.key()
        );
    }
    if let Ok(title) = Title::parse(text) {
        assert_eq!(Title::parse(title.as_str()), Ok(title));
    }
    if let Ok(key) = DedupKey::parse(text) {
        assert_eq!(DedupKey::parse(key.as_str()), Ok(key));
    }
    if let Ok(free) = FreeText::<1, 4_000>::parse(text) {
        assert_eq!(FreeText::<1, 4_000>::parse(free.as_str()).as_ref(), Ok(&free));
    }
    if let Ok(url) = Url::parse(text) {
        assert_eq!(Url::parse(url.as_str()).as_ref(), Ok(&url));
    }
    if let Ok(code) = Code::parse(text) {
        assert_eq!(code.as_str().len(), 6);
    }
    if let Ok(password) = Password::parse(text) {
        assert!((10..=128).contains(&password.as_str().chars().count()));
    }
    let _ = GivenPassword::parse(text);
    for channel in [InvitationChannel::Email, InvitationChannel::Sms] {
        if let Ok(address) = InvitedAddress::parse(channel, text) {
            assert_eq!(
                InvitedAddress::parse(channel, address.as_str()).map(|again| again.key()),
                Ok(address.key())
            );
        }
    }
    for kind in [TokenKind::Access, TokenKind::Refresh, TokenKind::Invitation, TokenKind::Console] {
        if let Some(token) = Token::parse(kind, text) {
            assert_eq!(token.as_str(), text);
        }
    }
    if let Ok(id) = text.parse::<TeamId>() {
        assert_eq!(id.to_string(), text.to_ascii_lowercase());
    }
    if let Ok(priority) = Priority::parse(text) {
        assert!((1..=999).contains(&priority.get()));
    }
    let _ = (Role::parse(text), Severity::parse(text), ChannelType::parse(text));
}

pub(crate) fn plans(text: &str) {
    if let Ok(plans) = Plans::from_toml(text) {
        let _ = plans.first();
    }
}
