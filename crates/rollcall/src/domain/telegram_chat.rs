//! Telegram chats with the bot that writes to them: `<bot_token>@<chat_id>`.

use std::fmt;

use super::invalid::Invalid;

/// The most characters of a token and of a public channel's name; both are far shorter.
const LONGEST: usize = 100;

/// A bot's token and a chat's number, or the `@name` of a public channel.
#[derive(Clone, PartialEq, Eq)]
pub struct TelegramChat {
    typed: String,
    /// Where the `@` between the two stands.
    at: usize,
}

impl TelegramChat {
    /// Reads it; blanks around it do not count.
    ///
    /// # Errors
    /// `chat_invalid`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let typed = text.trim();
        let wanted =
            "Give the bot's token and the chat's id with an @ between: 123456789:AAE…@-1001234567890.";
        let invalid = || Invalid::new("chat_invalid", wanted);
        let (token, chat) = typed.split_once('@').ok_or_else(invalid)?;
        let (bot, secret) = token.split_once(':').ok_or_else(invalid)?;
        let word = |text: &str| text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_' || c == b'-');
        let token_fits = is_number(bot) && !secret.is_empty() && word(secret) && token.len() <= LONGEST;
        let chat_fits = match chat.strip_prefix('@') {
            Some(name) => !name.is_empty() && name.len() <= LONGEST && word(name),
            None => is_number(chat.strip_prefix('-').unwrap_or(chat)),
        };
        if token_fits && chat_fits {
            Ok(Self { typed: typed.to_owned(), at: token.len() })
        } else {
            Err(invalid())
        }
    }

    /// As it was typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.typed
    }

    /// The bot's token, the secret part.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.typed[..self.at]
    }

    /// The chat's number or `@name`.
    #[must_use]
    pub fn chat(&self) -> &str {
        &self.typed[self.at + 1..]
    }

    /// For comparison: names of channels have no letter case.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}@{}", self.token(), self.chat().to_ascii_lowercase())
    }

    /// The chat alone.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("…@{}", self.chat())
    }
}

/// 1 to 19 digits: what fits the API's 64 bits.
fn is_number(text: &str) -> bool {
    (1..=19).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit())
}

impl fmt::Debug for TelegramChat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TelegramChat(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_and_chat_stand_around_the_first_at() {
        for (text, chat) in [
            (" 1:Ab_c-d@-100123 ", "-100123"),
            ("1:Ab_c-d@42", "42"),
            ("1:Ab_c-d@@Ops_channel", "@Ops_channel"),
        ] {
            let parsed = TelegramChat::parse(text).expect("a chat");
            assert_eq!((parsed.token(), parsed.chat()), ("1:Ab_c-d", chat));
            assert_eq!(parsed.masked(), format!("…@{chat}"));
        }
        let key = |text| TelegramChat::parse(text).expect("a chat").key();
        assert_eq!(key("1:A@@Ops"), key("1:A@@ops"));
        assert_ne!(key("1:A@1"), key("1:a@1"));
    }

    #[test]
    fn what_lacks_a_part_or_has_another_sign_is_refused() {
        for text in [
            "",
            "1:A",
            "1:A@",
            "@42",
            "1@42",
            ":A@42",
            "1:@42",
            "x:A@42",
            "1:A/b@42",
            "1:A@4 2",
            "1:A@--42",
            "1:A@ops",
            "1:A@@",
            "1:A@12345678901234567890",
        ] {
            assert!(TelegramChat::parse(text).is_err(), "{text}");
        }
    }
}
