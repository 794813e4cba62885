//! One line of text, as names are: trimmed, bounded, without characters that break lines or turn the reading direction.

use std::ops::RangeInclusive;

use super::invalid::Invalid;
use super::letter_case;

/// Directional overrides and isolates: they can make a name look like another (Unicode TR 36).
const TURNING: [char; 9] = [
    '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}',
    '\u{2069}',
];

/// What takes no room or looks like a blank (`Default_Ignorable_Code_Point`, without what is refused or beyond the first plane, and
/// U+2800): a name may hold it, as joined letters and pictures do, but is told from others by what can be seen.
const UNSEEN: [RangeInclusive<char>; 12] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{2060}'..='\u{206f}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{ffa0}'..='\u{ffa0}',
];

fn is_seen(c: char) -> bool {
    !UNSEEN.iter().any(|range| range.contains(&c))
}

/// Trims a line and checks that it has 1 to `longest` characters (Unicode scalar values) and none that is refused.
pub(super) fn parse(text: &str, longest: usize) -> Result<String, Invalid> {
    let line = text.trim();
    let length = line.chars().count();
    if !line.chars().any(|c| is_seen(c) && !c.is_whitespace()) {
        return Err(Invalid::new("too_short", "Give at least one character that can be seen."));
    }
    if length > longest {
        return Err(Invalid::new(
            "too_long",
            format!("Give {longest} characters at most; these are {length}."),
        ));
    }
    let breaking = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    if line.chars().any(|c| breaking(c) || TURNING.contains(&c)) {
        return Err(Invalid::new(
            "character_refused",
            "Leave out line breaks, control characters and characters that change the reading direction.",
        ));
    }
    Ok(line.to_owned())
}

/// Folds a line for comparison: composed, letter case and what cannot be seen aside, runs of blanks as one.
pub(super) fn fold(line: &str) -> String {
    let seen: String = line.chars().filter(|c| is_seen(*c)).collect();
    letter_case::fold(&seen).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name type: one line of 1 to 100 characters.
macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $description:literal, $example:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
        #[serde(transparent)]
        pub struct $type(String);

        impl $type {
            /// The most characters (Unicode scalar values) after trimming.
            pub const LONGEST: usize = 100;

            /// Trims and checks it.
            ///
            /// # Errors
            /// `too_short`, `too_long`, `character_refused`.
            pub fn parse(text: &str) -> Result<Self, $crate::domain::invalid::Invalid> {
                $crate::domain::line::parse(text, Self::LONGEST).map(Self)
            }

            /// As it was given, trimmed.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Folded for comparison: letter case and runs of blanks aside.
            #[must_use]
            pub fn key(&self) -> String {
                $crate::domain::line::fold(&self.0)
            }
        }

        impl utoipa::ToSchema for $type {}
        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let line = $crate::domain::schema::LINE;
                $crate::domain::schema::text_like(line, 1, Self::LONGEST, $description, $example)
            }
        }
    };
}
pub(super) use name;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_trimmed_counted_in_characters_and_free_of_traps() {
        assert_eq!(parse("  Zoë  ", 100).as_deref(), Ok("Zoë"));
        assert_eq!(parse(&"ß".repeat(100), 100).map(|line| line.chars().count()), Ok(100));
        for (text, code) in [
            ("", "too_short"),
            (" \t ", "too_short"),
            ("\u{200b}", "too_short"),
            ("\u{3164} \u{2060}", "too_short"),
            (&*"x".repeat(101), "too_long"),
            ("a\nb", "character_refused"),
            ("a\0b", "character_refused"),
            ("a\u{202e}b", "character_refused"),
            ("a\u{2028}b", "character_refused"),
        ] {
            assert_eq!(parse(text, 100).expect_err(text).code, code, "{text:?}");
        }
    }

    #[test]
    fn folding_ignores_case_composition_and_runs_of_blanks() {
        assert_eq!(fold("Straße  Nord"), fold("STRAßE nord"));
        assert_eq!(fold("Zoe\u{308}"), fold("ZOË"));
        assert_eq!(fold("STRASSE nord"), fold("Straße Nord"));
        assert_ne!(fold("a b"), fold("ab"));
    }

    #[test]
    fn names_are_told_apart_by_what_can_be_seen() {
        assert_eq!(fold("Plat\u{ad}form\u{200b}"), fold("Platform"));
        // Joined pictures and letters stay as they were given.
        for text in ["👩\u{200d}🚒", "می\u{200c}خواهم", "❤\u{fe0f}"] {
            assert_eq!(parse(text, 100).as_deref(), Ok(text));
        }
    }

    #[test]
    fn naughty_strings_round_trip_or_are_refused() {
        let cases = include_str!("../../tests/data/naughty-strings/cases.json");
        let cases: Vec<serde_json::Value> = serde_json::from_str(cases).expect("cases");
        assert!(cases.len() > 500);
        for case in cases {
            let text = case["value"].as_str().expect("a text");
            if let Ok(line) = parse(text, 100) {
                assert_eq!(line, text.trim());
            }
        }
    }
}
