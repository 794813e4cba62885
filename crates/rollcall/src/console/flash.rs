//! What one page leaves for the next to say, once: a key of the texts with its values, in a cookie that ends with it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::texts::{Texts, fill};

/// Something to be said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Flash {
    key: String,
    values: Vec<String>,
    /// The id of what it is about: scripts put the focus there. A redirection's own fragment is lost on them.
    at: String,
}

/// How loudly it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// It went well.
    Good,
    /// It did not.
    Bad,
}

/// Longer values would not fit a cookie.
const LONGEST_VALUE: usize = 200;

impl Flash {
    /// The text `flash.<key>`; a key that begins with `not_` is said as bad news.
    pub(super) fn new(key: &str, values: &[&str], at: &str) -> Self {
        let cut = |value: &&str| value.chars().take(LONGEST_VALUE).collect();
        Self { key: key.to_owned(), values: values.iter().map(cut).collect(), at: at.to_owned() }
    }

    /// As the value of a cookie.
    pub(super) fn write(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// From the value of a cookie; it is the visitor's own, so it may say anything, but only in our words.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
    }

    /// In somebody's language; none for a key that does not exist.
    pub(super) fn text(&self, texts: &Texts) -> Option<String> {
        let values: Vec<_> = self.values.iter().map(String::as_str).collect();
        texts.find_text(&format!("flash.{}", self.key)).map(|text| fill(text, &values))
    }

    /// The id of what it is about; empty where that is the page.
    pub(super) fn at(&self) -> &str {
        &self.at
    }

    /// How it is said.
    pub(super) fn tone(&self) -> Tone {
        if self.key.starts_with("not_") { Tone::Bad } else { Tone::Good }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_for_the_next_page_is_read_back_and_says_only_our_words() {
        let flash = Flash::new("signed_out", &["<b>"], "");
        assert_eq!(Flash::read(&flash.write()), Some(flash));
        assert_eq!(Flash::read("%%"), None);
        assert_eq!(Flash::new("no such key", &[], "").text(Texts::all()[0]), None);
    }
}
