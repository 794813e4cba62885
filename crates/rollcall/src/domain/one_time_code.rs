//! One-time codes: six digits that prove an address, with the rule of how often they may be tried and sent.

use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use subtle::ConstantTimeEq;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::invalid::Invalid;
use super::set_back;

/// How long a code lives.
pub const LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// How often it may be tried.
pub const ATTEMPTS: u32 = 5;
/// How long after one code the next may be asked for.
pub const RESEND_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// A code as a person types it.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// A code of random bytes; 64 bits leave no bias that anybody could use.
    #[must_use]
    pub fn random(bytes: [u8; 8]) -> Self {
        Self(format!("{:06}", u64::from_be_bytes(bytes) % 1_000_000))
    }

    /// Reads what was typed; blanks around it do not count.
    ///
    /// # Errors
    /// `code_malformed`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let code = text.trim();
        if code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(code.to_owned()))
        } else {
            Err(Invalid::new("code_malformed", "Give the six digits of the code."))
        }
    }

    /// The six digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

impl ToSchema for Code {}
impl PartialSchema for Code {
    fn schema() -> RefOr<Schema> {
        super::schema::text_like("^[0-9]{6}$", 6, 6, "Six digits, from the latest message.", "087608")
    }
}

/// What a code proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The address of a sign-up.
    SignUp,
    /// That a forgotten password's account is one's own.
    Password,
    /// The address of a new username.
    Username,
    /// A notification channel.
    Channel,
}

impl Purpose {
    /// As the schema has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "sign_up",
            Self::Password => "password",
            Self::Username => "username",
            Self::Channel => "channel",
        }
    }

    /// The field of a body that brings such a code.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::SignUp => "confirmation_code",
            Self::Password | Self::Username | Self::Channel => "code",
        }
    }

    /// Whether whoever brings it is not signed in: then no answer to a wrong one may tell that a code is out, and so who has an account.
    #[must_use]
    pub fn is_of_strangers(self) -> bool {
        matches!(self, Self::SignUp | Self::Password)
    }
}

/// A code that is out, known by its digest alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveCode {
    /// Keyed digest of the code with what it proves.
    pub digest: [u8; 32],
    /// How often it was tried.
    pub attempts: u32,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// When it is of no use any more.
    pub expires_at: Timestamp,
}

/// What came of a guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guess {
    /// It was right; the code is to be forgotten.
    Right,
    /// It was wrong.
    Wrong {
        /// How many tries are left.
        left: u32,
    },
    /// The code had expired.
    Expired {
        /// Whether it was the right one.
        right: bool,
    },
    /// It was tried too often before, right or wrong.
    Exhausted {
        /// Until a new code may be asked for; at least a second.
        retry_after: Duration,
    },
}

impl LiveCode {
    /// A code that goes out now.
    #[must_use]
    pub fn new(digest: [u8; 32], now: Timestamp) -> Self {
        Self { digest, attempts: 0, sent_at: now, expires_at: now + LIFETIME }
    }

    /// Tries a code: counted before it is compared, compared in constant time.
    pub fn guess(&mut self, given: &[u8; 32], now: Timestamp) -> Guess {
        if self.attempts >= ATTEMPTS {
            let retry_after = self.may_resend(now).err().unwrap_or(Duration::from_secs(1));
            return Guess::Exhausted { retry_after };
        }
        self.attempts += 1;
        let right = bool::from(self.digest.ct_eq(given));
        if self.expires_at <= now {
            Guess::Expired { right }
        } else if right {
            Guess::Right
        } else {
            Guess::Wrong { left: ATTEMPTS - self.attempts }
        }
    }

    /// Whether the next code may be asked for.
    ///
    /// # Errors
    /// How long to wait.
    pub fn may_resend(&self, now: Timestamp) -> Result<(), Duration> {
        let left = (self.sent_at + RESEND_AFTER).duration_since(now);
        if left.is_positive() && !set_back::since(self.sent_at, now) {
            Err(left.unsigned_abs())
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timing;

    fn start() -> Timestamp {
        "2026-11-24T09:00:00Z".parse().expect("a time")
    }

    #[test]
    fn five_wrong_tries_and_then_even_the_right_one_is_too_late() {
        let mut code = LiveCode::new([1; 32], start());
        for left in (0..ATTEMPTS).rev() {
            assert_eq!(code.guess(&[2; 32], start()), Guess::Wrong { left });
        }
        let retry_after = Duration::from_secs(60);
        assert_eq!(code.guess(&[1; 32], start()), Guess::Exhausted { retry_after });
    }

    #[test]
    fn a_code_dies_on_its_last_second() {
        let last = start() + LIFETIME - SignedDuration::from_micros(1);
        assert_eq!(LiveCode::new([1; 32], start()).guess(&[1; 32], last), Guess::Right);
        for (given, right) in [([1; 32], true), ([2; 32], false)] {
            let guess = LiveCode::new([1; 32], start()).guess(&given, start() + LIFETIME);
            assert_eq!(guess, Guess::Expired { right });
        }
    }

    #[test]
    fn a_new_code_may_be_asked_for_after_a_minute() {
        let code = LiveCode::new([1; 32], start());
        assert_eq!(code.may_resend(start() + SignedDuration::from_secs(59)), Err(Duration::from_secs(1)));
        assert_eq!(code.may_resend(start() + SignedDuration::from_secs(60)), Ok(()));
    }

    #[test]
    fn a_wrong_code_takes_as_long_however_much_of_its_digest_is_right() {
        let secret: [u8; 32] = std::array::from_fn(|index| u8::try_from(index * 5).expect("a byte"));
        let mut nearly = secret;
        nearly[31] ^= 1;
        timing::report(
            "code",
            &secret,
            &nearly,
            |chance| (0..32).map(|_| chance.byte()).collect(),
            |guess| {
                let guess = guess.try_into().expect("a digest");
                LiveCode::new(secret, start()).guess(guess, start()) == Guess::Right
            },
        );
    }

    #[test]
    fn only_six_ascii_digits_are_a_code() {
        assert!(Code::parse(" 087608 ").is_ok());
        for text in ["", "12345", "1234567", "12345a", "１２３４５６", "12 34 56"] {
            assert!(Code::parse(text).is_err(), "{text}");
        }
        assert_eq!(Code::random([0; 8]).as_str(), "000000");
    }
}
