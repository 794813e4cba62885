//! Texts that are the same but for letter case.

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;

/// Folds a text for comparison: two that match caselessly have one result, however they are composed (Unicode 15, section 3.13, D145).
/// Not the same as lower case: `STRASSE` matches `Straße`, and `ΟΔΟΣ` what ends in either small sigma.
pub(super) fn fold(text: &str) -> String {
    let decomposed: String = text.nfd().collect();
    UniCase::unicode(decomposed).to_folded_case().nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_match_as_unicode_matches_them() {
        for (one, other) in [
            ("Straße", "STRASSE"),
            ("ΟΔΟΣ", "οδος"),
            ("ΟΔΟΣ", "οδοσ"),
            ("Zoe\u{308}", "ZOË"),
            ("Ǆ", "ǆ"),
            ("\u{1e9e}", "ß"),
            ("\u{212a}", "k"),
            ("ﬁn", "FIN"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
        assert_ne!(fold("resume"), fold("résumé"));
        assert_ne!(fold("ı"), fold("i"));
    }

    #[test]
    fn what_is_folded_stays_as_it_is() {
        for text in ["Straße", "ΟΔΟΣ", "İstanbul", "ΐ", "\u{345}\u{3b1}"] {
            assert_eq!(fold(&fold(text)), fold(text), "{text}");
        }
    }
}
