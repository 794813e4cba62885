//! E-mail addresses: the dot-atom form of RFC 5321 and RFC 6531, and how two of them are compared.

use std::fmt;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use super::invalid::Invalid;
use super::letter_case;

/// The fewest characters: `a@b.c`.
const SHORTEST: usize = 5;
/// The most octets of an address (RFC 5321 §4.5.3.1.3, less the angle brackets).
const LONGEST: usize = 254;
/// The most octets of a local part (RFC 5321 §4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;

/// An address, as it was typed but for blanks around it.
///
/// No quoted local part, address literal or comment; a dot in the domain.
#[derive(Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Checks the syntax; whether somebody reads it, only a code proves.
    ///
    /// # Errors
    /// `email_invalid`, `too_long`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let address = text.trim();
        if address.len() > LONGEST {
            return Err(Invalid::new("too_long", format!("An e-mail address has {LONGEST} bytes at most.")));
        }
        let invalid = || Invalid::new("email_invalid", "Give an e-mail address like ann@example.com.");
        let (local, domain) = address.rsplit_once('@').ok_or_else(invalid)?;
        if is_local(local) && is_domain(domain) { Ok(Self(address.to_owned())) } else { Err(invalid()) }
    }

    /// As it was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Folded for comparison: letter case aside, the domain as A-labels.
    #[must_use]
    pub fn key(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        let local = letter_case::fold(local);
        let domain = idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.to_lowercase());
        format!("{local}@{domain}")
    }

    /// The mailbox behind the address as most servers have it: `ann.lee+x@example.com` is read where `annlee@example.com` is. For counting
    /// alone: two people may differ by just this.
    #[must_use]
    pub fn mailbox(&self) -> String {
        let key = self.key();
        let (local, domain) = key.rsplit_once('@').unwrap_or((&key, ""));
        let local = local.split_once('+').map_or(local, |(local, _)| local);
        format!("{}@{domain}", local.replace('.', ""))
    }
}

impl fmt::Debug for EmailAddress {
    /// The first letter and the domain: whole addresses do not belong in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or_default();
        write!(f, "{}…@{domain}", local.chars().next().unwrap_or('…'))
    }
}

impl ToSchema for EmailAddress {}
impl PartialSchema for EmailAddress {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::Custom("idn-email".to_owned())))
            .min_length(Some(SHORTEST))
            .max_length(Some(LONGEST))
            .description(Some(
                "An e-mail address with a dot in its domain; internationalized ones are welcome.",
            ))
            .examples(["ann@example.com"])
            .into()
    }
}

/// Atoms between single dots (RFC 5322 §3.2.3, RFC 6531 §3.3).
fn is_local(local: &str) -> bool {
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || is_utf8(c);
    local.len() <= LONGEST_LOCAL && local.split('.').all(|part| !part.is_empty() && part.chars().all(atom))
}

fn is_utf8(c: char) -> bool {
    !c.is_ascii()
        && !c.is_control()
        && !c.is_whitespace()
        && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffd}')
}

/// Two labels at least, each of letters, digits and inner hyphens once internationalized ones are A-labels.
fn is_domain(domain: &str) -> bool {
    // What IDNA would map away (fullwidth dots, blanks) is no domain that anybody typed on purpose.
    if domain.chars().any(|c| {
        c.is_whitespace()
            || c.is_control()
            || (c.is_ascii() && !c.is_ascii_alphanumeric() && c != '-' && c != '.')
    }) {
        return false;
    }
    let Ok(ascii) = idna::domain_to_ascii_strict(domain) else { return false };
    let labels: Vec<_> = ascii.split('.').collect();
    let label = |label: &&str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    labels.len() >= 2
        && ascii.len() <= 253
        && labels.iter().all(label)
        && !labels.last().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
}
