//! Texts made to fit where a receiver takes only so much.

/// The first `most` characters, the last of them `…` where something was left out.
pub(crate) fn characters(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    kept.trim_end().to_owned() + "…"
}

/// The same in octets of UTF-8.
pub(crate) fn octets(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(most.saturating_sub("…".len()));
    text[..end].trim_end().to_owned() + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_left_alone_and_the_rest_ends_in_an_ellipsis() {
        assert_eq!((characters("abc", 3), octets("abc", 3)), ("abc".to_owned(), "abc".to_owned()));
        assert_eq!(characters("äöüß", 3), "äö…");
        assert_eq!(octets("äöüß", 7), "äö…");
        assert!(octets(&"ü".repeat(100), 51).len() <= 51);
    }
}
