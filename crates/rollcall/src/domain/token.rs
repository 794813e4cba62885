//! Opaque tokens: 256 random bits behind a prefix and before a checksum, so that scanners for leaked secrets know them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Calls the API for an hour.
    Access,
    /// Gives the next pair of tokens, once.
    Refresh,
    /// Proves an invitation.
    Invitation,
    /// Keeps a browser signed in to the console; no operation of the API takes it.
    Console,
}

impl TokenKind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Access => "rca_",
            Self::Refresh => "rcr_",
            Self::Invitation => "rci_",
            Self::Console => "rcs_",
        }
    }
}

/// A token. It is shown once and kept only as its digest.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// Characters of 32 bytes in base64url, and of the checksum behind them.
const SECRET: usize = 43;
const CHECKSUM: usize = 6;

impl Token {
    /// A token of 32 random bytes.
    #[must_use]
    pub fn new(kind: TokenKind, random: [u8; 32]) -> Self {
        let stem = format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(random));
        let checksum = checksum(&stem);
        Self(stem + &checksum)
    }

    /// Reads a token; none where it is not one of this kind.
    #[must_use]
    pub fn parse(kind: TokenKind, text: &str) -> Option<Self> {
        let secret = text.strip_prefix(kind.prefix())?;
        if !secret.is_ascii() || secret.len() != SECRET + CHECKSUM {
            return None;
        }
        let (stem, given) = text.split_at(text.len() - CHECKSUM);
        (checksum(stem) == given).then(|| Self(text.to_owned()))
    }

    /// Its text, to be shown once.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        digest(&self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// What is kept of a token, by its text.
#[must_use]
pub fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// Finds typing errors and chance, not malice: that is what the 256 bits are for.
fn checksum(stem: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(stem)).chars().take(CHECKSUM).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timing;

    #[test]
    fn a_token_is_read_back_only_as_its_own_kind_and_whole() {
        let token = Token::new(TokenKind::Access, [7; 32]);
        assert_eq!(Token::parse(TokenKind::Access, token.as_str()), Some(token.clone()));
        assert_eq!(Token::parse(TokenKind::Refresh, token.as_str()), None);
        let text = token.as_str();
        assert_eq!(Token::parse(TokenKind::Access, &text[..text.len() - 1]), None);
        assert_eq!(Token::parse(TokenKind::Access, &text.replacen('B', "C", 1)), None);
        assert!(!format!("{token:?}").contains(text));
    }

    /// A look-up compares digests by `==`: a guess that is nearly right has a digest that is not.
    #[test]
    fn a_wrong_token_takes_as_long_to_look_up_however_much_of_it_is_right() {
        let token = Token::new(TokenKind::Access, [7; 32]);
        let (secret, kept) = (token.as_str().as_bytes(), token.digest());
        let mut nearly = secret.to_vec();
        *nearly.last_mut().expect("a character") ^= 1;
        timing::report(
            "digest of a token",
            secret,
            &nearly,
            |chance| {
                [b"rca_".to_vec(), (0..SECRET + CHECKSUM).map(|_| chance.character()).collect()].concat()
            },
            |guess| digest(std::str::from_utf8(guess).expect("a text")) == kept,
        );
    }
}
