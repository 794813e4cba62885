//! Names in messages: written by people, so that they must not become anything else.

/// Names are written by people: one that looks like a link must not become one in the receiver's program.
pub(super) fn plain(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut characters = name.chars().peekable();
    while let Some(c) = characters.next() {
        let inner = characters.peek().is_some_and(|next| next.is_alphanumeric() || *next == '/');
        match c {
            '.' if inner && !out.is_empty() && !out.ends_with(' ') => out.push_str(" . "),
            ':' if characters.peek() == Some(&'/') => out.push_str(" : "),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_looks_like_a_link_does_not_become_one() {
        assert_eq!(plain("https://evil.example/x"), "https : //evil . example/x");
        assert_eq!(plain("evil.example"), "evil . example");
        assert_eq!(plain("Dr. Ann Archer Jr."), "Dr. Ann Archer Jr.");
    }
}
