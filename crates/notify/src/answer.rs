//! A receiver's words, made fit to be kept and shown.

/// Longest answer kept, in characters.
pub const CHARACTERS: usize = 500;
const MASK: &str = "…";
/// Shorter texts are not masked: they would blank out half of any answer.
const SHORTEST_SECRET: usize = 4;

/// Cleans an answer: at most [`CHARACTERS`] characters, each control or direction character a blank, and each of
/// `hide` masked. `None` if nothing is left.
///
/// Masking comes before cutting, so that no half of a secret survives at the end.
#[must_use]
pub fn fit(raw: &str, hide: &[&str]) -> Option<String> {
    let mut text: String = raw.chars().map(|c| if is_unprintable(c) { ' ' } else { c }).collect();
    let mut hide: Vec<&str> = hide.iter().copied().filter(|s| s.len() >= SHORTEST_SECRET).collect();
    // The longest first: a secret may contain another.
    hide.sort_by_key(|s| std::cmp::Reverse(s.len()));
    for secret in hide {
        text = mask(&text, secret);
    }
    let kept: String = text.trim().chars().take(CHARACTERS).collect();
    let kept = kept.trim_end();
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// The one-time codes in a text: each run of exactly six digits. A receiver that echoes the message must not put
/// the code into the delivery log.
pub fn codes(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 6)
}

/// Replaces each occurrence, letter case aside: servers fold the case of addresses that they quote.
fn mask(text: &str, secret: &str) -> String {
    // ASCII folding keeps every octet's place, so offsets in the folded texts hold in the original.
    let (folded, needle) = (text.to_ascii_lowercase(), secret.to_ascii_lowercase());
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(at) = folded[from..].find(&needle) {
        masked.push_str(&text[from..from + at]);
        masked.push_str(MASK);
        from += at + needle.len();
    }
    masked.push_str(&text[from..]);
    masked
}

/// Control characters, and those that turn the direction of the text around them.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_become_blanks_and_the_end_is_cut() {
        assert_eq!(fit("a\r\nb\0c\u{1b}[31m\u{202e}d", &[]).as_deref(), Some("a  b c [31m d"));
        assert_eq!(fit(&"é".repeat(600), &[]).map(|s| s.chars().count()), Some(500));
        assert_eq!(fit(" \n\t", &[]), None);
    }

    #[test]
    fn secrets_are_masked_before_the_cut() {
        assert_eq!(fit("token=abcdef!", &["abcdef"]).as_deref(), Some("token=…!"));
        assert_eq!(fit("<ADA@Example.com> unknown", &["ada@example.com"]).as_deref(), Some("<…> unknown"));
        assert_eq!(fit("abcd abcdef", &["abcd", "abcdef"]).as_deref(), Some("… …"));
        let at_the_cut = format!("{}whsec_secret", "x".repeat(495));
        assert!(!fit(&at_the_cut, &["whsec_secret"]).unwrap().contains("whs"));
        assert_eq!(fit("ok", &["", "ok"]).as_deref(), Some("ok"));
    }

    #[test]
    fn codes_are_runs_of_exactly_six_digits() {
        let found: Vec<_> = codes(r#"{"code":"123456","n":1234567,"at":"10:00"} 654321"#).collect();
        assert_eq!(found, ["123456", "654321"]);
    }
}
