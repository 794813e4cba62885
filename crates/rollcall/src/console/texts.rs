//! The words of the console, apart from its pages: one file for each language, found by key.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::LazyLock;

/// Every text of one language.
#[derive(Debug)]
pub(super) struct Texts {
    language: &'static str,
    name: &'static str,
    entries: HashMap<String, String>,
}

static ENGLISH: LazyLock<Texts> =
    LazyLock::new(|| Texts::parse("en", "English", include_str!("texts/en.toml")));
static GERMAN: LazyLock<Texts> =
    LazyLock::new(|| Texts::parse("de", "Deutsch", include_str!("texts/de.toml")));

impl Texts {
    /// Every language, the one that stands for all others first.
    pub(super) fn all() -> [&'static Self; 2] {
        [&ENGLISH, &GERMAN]
    }

    /// The chosen language, or the one that `Accept-Language` likes best (RFC 9110 §12.5.4).
    pub(super) fn find(chosen: Option<&str>, accepted: &str) -> &'static Self {
        let named =
            |name: &str| Self::all().into_iter().find(|texts| texts.language.eq_ignore_ascii_case(name));
        if let Some(texts) = chosen.and_then(named) {
            return texts;
        }
        let mut best: (f32, &'static Self) = (0.0, &ENGLISH);
        for range in accepted.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let primary = parts.next().unwrap_or_default().split('-').next().unwrap_or_default();
            let quality = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
            if let Some(texts) = named(primary).filter(|_| quality > best.0) {
                best = (quality, texts);
            }
        }
        best.1
    }

    fn parse(language: &'static str, name: &'static str, text: &str) -> Self {
        let table: toml::Table = text.parse().expect("the file of texts is compiled in, and a test reads it");
        let mut entries = HashMap::new();
        for (section, texts) in table {
            for (key, text) in texts.as_table().into_iter().flatten() {
                if let Some(text) = text.as_str() {
                    entries.insert(format!("{section}.{key}"), text.to_owned());
                }
            }
        }
        Self { language, name, entries }
    }

    /// The language's tag (RFC 5646).
    pub(super) fn language(&self) -> &'static str {
        self.language
    }

    /// The language's own name for itself.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// The text of a key; the key itself where there is none, which a test would have seen.
    pub(super) fn of<'a>(&'a self, key: &'a str) -> &'a str {
        self.entries.get(key).map_or(key, String::as_str)
    }

    /// The text of a key, if there is one.
    pub(super) fn find_text(&self, key: &str) -> Option<&str> {
        self.entries.get(key).map(String::as_str)
    }

    /// The word for a name of the API (a role, a status), the name itself where there is none.
    pub(super) fn named<'a>(&'a self, section: &str, name: &'a str) -> &'a str {
        self.find_text(&format!("{section}.{name}")).unwrap_or(name)
    }

    /// A text with something in the place of `{0}`.
    pub(super) fn fill(&self, key: &str, value: impl Display) -> String {
        self.of(key).replace("{0}", &value.to_string())
    }

    /// A text with something in the places of `{0}` and `{1}`.
    pub(super) fn fill2(&self, key: &str, first: impl Display, second: impl Display) -> String {
        fill(self.of(key), &[&first.to_string(), &second.to_string()])
    }

    /// What was kept in English about an attempt to deliver, in this language: found by the sentence itself, with `{0}` for the number in
    /// it. What a later or an earlier program wrote stays as it is.
    pub(super) fn detail(&self, sentence: &str) -> String {
        let digit = |c: char| c.is_ascii_digit();
        let (before, rest) = sentence.split_at(sentence.find(digit).unwrap_or(sentence.len()));
        let (number, after) = rest.split_at(rest.find(|c| !digit(c)).unwrap_or(rest.len()));
        let place = if number.is_empty() { "" } else { "{0}" };
        let known = self.find_text(&format!("detail.{before}{place}{after}"));
        known.map_or_else(|| sentence.to_owned(), |text| fill(text, &[number]))
    }

    /// The text for a number: that of `key_one` for 1, else that of `key_many`.
    pub(super) fn count(&self, key: &str, number: impl Display) -> String {
        let number = number.to_string();
        self.fill(&format!("{key}_{}", if number == "1" { "one" } else { "many" }), number)
    }
}

/// Puts values in their places in one pass, so that a value that looks like a place stays as it is.
pub(super) fn fill(text: &str, values: &[&str]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let place =
            after.split_once('}').and_then(|(place, tail)| Some((place.parse::<usize>().ok()?, tail)));
        if let Some((value, tail)) = place.and_then(|(place, tail)| Some((values.get(place)?, tail))) {
            filled.push_str(value);
            rest = tail;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled + rest
}

#[cfg(test)]
mod tests;
