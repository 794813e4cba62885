//! Passwords: long enough, not common, not made of the person's own name or address (NIST SP 800-63B §3.1.1).

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};
use zxcvbn::zxcvbn;

use super::invalid::Invalid;

const SHORTEST: usize = 10;
const LONGEST: usize = 128;
/// A password that a list and a few rules find within so many guesses (as a power of ten) is common.
const COMMON_GUESSES: f64 = 6.0;
/// How much of a password is looked at for commonness: the estimate's work grows faster than the text.
const LOOKED_AT: usize = 64;

/// A new password, in NFC.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// 10 to 128 code points after NFC; no rules of composition.
    ///
    /// # Errors
    /// `too_short`, `too_long`, `password_too_common`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        // Composition never makes more than a third of the code points of what it is given.
        if text.len() > LONGEST * 4 * 3 {
            return Err(Invalid::new("too_long", format!("Give {LONGEST} characters at most.")));
        }
        let password: String = text.nfc().collect();
        let length = password.chars().count();
        if length < SHORTEST {
            return Err(Invalid::new(
                "too_short",
                format!("Give at least {SHORTEST} characters; a few words make a good one."),
            ));
        }
        if length > LONGEST {
            return Err(Invalid::new("too_long", format!("Give {LONGEST} characters at most.")));
        }
        let password = Self(password);
        password.check_guesses(&[])?;
        Ok(password)
    }

    /// Whether it is made of the person's own names or address.
    ///
    /// # Errors
    /// `password_too_common`.
    pub fn check_personal(&self, name: &str, surname: &str, email: &str) -> Result<(), Invalid> {
        let (local, domain) = email.rsplit_once('@').unwrap_or((email, ""));
        let own: Vec<String> = [name, surname, email, local, domain, "rollcall"]
            .into_iter()
            .flat_map(|text| std::iter::once(text).chain(text.split(|c: char| !c.is_alphanumeric())))
            .map(str::to_lowercase)
            .filter(|word| word.chars().count() >= 3)
            .collect();
        let mut rest = self.0.to_lowercase();
        let mut longest_first = own.clone();
        longest_first.sort_by_key(|word| std::cmp::Reverse(word.len()));
        for word in &longest_first {
            rest = rest.replace(word, "");
        }
        // What is left without one's own words must still be something; digits such as a year are not.
        let left = rest.chars().filter(|c| c.is_alphabetic()).count();
        if rest.len() < self.0.to_lowercase().len() && left < 3 && rest.chars().count() < 8 {
            return Err(too_common());
        }
        self.check_guesses(&own.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn check_guesses(&self, own: &[&str]) -> Result<(), Invalid> {
        let looked_at: String = self.0.chars().take(LOOKED_AT).collect();
        if zxcvbn(&looked_at, own).guesses_log10() < COMMON_GUESSES { Err(too_common()) } else { Ok(()) }
    }

    /// The text, to be hashed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn too_common() -> Invalid {
    Invalid::new(
        "password_too_common",
        "This password is easy to guess: it is common, or made of your own name or address. Try a few words that have nothing to do with each other.",
    )
}

/// A password that somebody signs in with: any text, in NFC as it was when it was new.
#[derive(Clone, PartialEq, Eq)]
pub struct GivenPassword(String);

impl GivenPassword {
    /// Takes up to 1,024 bytes.
    ///
    /// # Errors
    /// `too_long`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.len() > 1_024 {
            return Err(Invalid::new("too_long", "No password is that long."));
        }
        Ok(Self(text.nfc().collect()))
    }

    /// The text, to be compared.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! hidden {
    ($($type:ident, $shortest:expr, $longest:expr, $description:literal;)+) => {$(
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($type), "(…)"))
            }
        }

        impl ToSchema for $type {}
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                super::schema::text($shortest, $longest, $description, "violet-harbour-71")
            }
        }
    )+};
}

hidden! {
    Password, SHORTEST, LONGEST, "A new password: 10 to 128 characters, none of the common ones, not made of your own name or address.";
    GivenPassword, 1, 1_024, "The password.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_code_points_after_composition() {
        assert!(Password::parse("zürich-öl!").is_ok());
        assert_eq!(Password::parse("kurz-öl!!").expect_err("nine").code, "too_short");
        assert_eq!(Password::parse("o\u{308}l-kanne-7").map(|p| p.as_str().chars().count()), Ok(10));
        assert_eq!(Password::parse(&"violet harbour ".repeat(9)).expect_err("135").code, "too_long");
    }

    #[test]
    fn common_passwords_are_refused_and_good_ones_are_not() {
        for text in [
            "password123",
            "1234567890",
            "qwertyuiop",
            "aaaaaaaaaaaa",
            "iloveyou123",
            "abcdefghij",
            "passwordpassword",
        ] {
            assert_eq!(Password::parse(text).expect_err(text).code, "password_too_common", "{text}");
        }
        for text in [
            "correct horse battery staple",
            "Str0ng-Passw0rd-42",
            "a-long-passphrase-1",
            "violet-harbour-71",
            "S3cure-Passw0rd!",
            "Sup3r-Secret-Pass",
        ] {
            let password = Password::parse(text).unwrap_or_else(|why| panic!("{text}: {why:?}"));
            password
                .check_personal("John", "Smith", "john@example.com")
                .unwrap_or_else(|why| panic!("{text}: {why:?}"));
        }
    }

    #[test]
    fn a_password_of_ones_own_names_is_refused() {
        for text in
            ["johnsmith1980", "john.smith@example.com", "Smith-John-77", "example.com1", "rollcall2026"]
        {
            let refused = Password::parse(text)
                .and_then(|password| password.check_personal("John", "Smith", "john.smith@example.com"))
                .expect_err(text);
            assert_eq!(refused.code, "password_too_common", "{text}");
        }
    }
}
