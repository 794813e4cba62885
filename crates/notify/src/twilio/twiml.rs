//! What a call says, as the gateway's XML.

/// A run of digits this long is a code and is said digit by digit; a shorter one ("10 minutes") is a number.
const CODE: usize = 6;

/// XML that says the text, pauses, and says it again.
///
/// No XML declaration and no attributes: the first digits of the whole are the first digits of the text.
pub(super) fn say_twice(text: &str) -> String {
    let said = escape(&spell_out_codes(text));
    format!("<Response><Say>{said}</Say><Pause/><Say>{said}</Say></Response>")
}

/// Puts a comma between the digits of a code, which makes a voice read them one by one.
fn spell_out_codes(text: &str) -> String {
    let mut spelled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let run = rest[start..].bytes().take_while(u8::is_ascii_digit).count();
        let (before, digits) = (&rest[..start], &rest[start..start + run]);
        spelled.push_str(before);
        if run >= CODE {
            let each: Vec<String> = digits.chars().map(String::from).collect();
            spelled.push_str(&each.join(", "));
        } else {
            spelled.push_str(digits);
        }
        rest = &rest[start + run..];
    }
    spelled.push_str(rest);
    spelled
}

/// Escapes markup; control characters, which XML 1.0 forbids, become blanks.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // Not the numeric form: its digits would stand among those that are said.
            '\'' => escaped.push_str("&apos;"),
            c if c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}') => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_six_digits_are_the_code_whether_spaced_or_not() {
        for spoken in ["Your code is 123456. It lasts 10 minutes.", "It's 1 2 3 4 5 6.", "1, 2, 3, 4, 5, 6"] {
            let digits: String = say_twice(spoken).chars().filter(char::is_ascii_digit).collect();
            assert!(digits.starts_with("123456"), "{digits}");
        }
    }

    #[test]
    fn a_code_is_spelled_out_and_said_twice_and_a_short_number_is_left() {
        assert_eq!(
            say_twice("Code 123456, 10 minutes."),
            "<Response><Say>Code 1, 2, 3, 4, 5, 6, 10 minutes.</Say><Pause/>\
             <Say>Code 1, 2, 3, 4, 5, 6, 10 minutes.</Say></Response>"
        );
    }

    #[test]
    fn markup_and_control_characters_cannot_break_out() {
        assert_eq!(escape("</Say><Dial>&\"'\0\n"), "&lt;/Say&gt;&lt;Dial&gt;&amp;&quot;&apos;  ");
    }
}
