//! The code in a message, so that it can be shown where it is easy to see.

/// The first six-digit number; in a call, six digits that are read out one by one.
pub(crate) fn code_in(transport: &str, text: &str) -> Option<String> {
    let words = || text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '.'));
    let single = |word: &&str| word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_digit());
    let spoken = || words().filter(single).take(6).collect::<String>();
    let found = if transport == "phone" {
        spoken()
    } else {
        // A longer run of letters and digits is an id or a token.
        text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.' | '+'))
            .map(|word| word.trim_end_matches('.'))
            .find(|word| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit()))?
            .to_owned()
    };
    (found.len() == 6).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_message_is_found_and_nothing_else() {
        let code = |transport, text| code_in(transport, text);
        assert_eq!(code("email", "Your code:\n\n    087608\n").as_deref(), Some("087608"));
        assert_eq!(code("webhook", r#"{"data":{"code":"293479"}}"#).as_deref(), Some("293479"));
        assert_eq!(code("sms", "293479 is your code.").as_deref(), Some("293479"));
        assert_eq!(code("phone", "Your Rollcall code is 0, 8, 7, 6, 0, 8.").as_deref(), Some("087608"));
        assert_eq!(code("phone", "Read-only from 22:00 to 23:00, on 3 hosts."), None);
        assert_eq!(code("email", "http://localhost/invitation?token=rci_123456"), None);
        assert_eq!(code("email", "Call +994551234567 by 2026-11-24."), None);
    }
}
