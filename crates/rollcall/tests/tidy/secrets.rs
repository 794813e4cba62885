//! Secrets are compared in constant time: by `subtle`, in the places below. Elsewhere they are looked up by a digest that nobody can
//! choose, so that the time of a comparison tells nothing of the secret.

use super::{File, faults, holds_everywhere};

/// Where secrets are compared, each by `ConstantTimeEq`.
const PLACES: [&str; 3] = ["domain/one_time_code.rs", "http/params.rs", "console/gate.rs"];
/// Words that a secret's name has.
const SECRETS: [&str; 6] = ["digest", "secret", "signature", "csrf", "mac", "password"];
/// Equal signs beside such words that compare no secret, or one with what the server itself has made.
const KNOWN: [(&str, &str); 5] = [
    // A look-up in memory by the SHA-256 of 256 random bits.
    ("http/ready.rs", "*self.digest == key.digest"),
    ("http/front.rs", "token.digest != *digest"),
    // Rows of the audit log against their own chain: nobody is asked.
    ("db/audit_chain.rs", ""),
    // Tables of two databases, compared by the operator's command.
    ("db/copy", ""),
    ("db/migrations.rs", ""),
];

fn secrets_are_compared_in_constant_time(file: &File) -> Vec<String> {
    let Some(room) = file.room() else { return Vec::new() };
    let known =
        |code: &str| KNOWN.iter().any(|(place, words)| room.starts_with(place) && code.contains(words));
    let found = file.code().filter(|(_, code)| compares_a_secret(code) && !known(code));
    found
        .map(|(line, _)| format!("{}:{line}: a secret is compared by `==`; use `ct_eq`", file.path))
        .collect()
}

/// Whether one side of an `==` is named like a secret.
fn compares_a_secret(code: &str) -> bool {
    let sides = code.match_indices("==").chain(code.match_indices("!=")).map(|(at, _)| code.split_at(at));
    let is_secret = |word: &str| {
        let parts: Vec<_> = word.split('_').collect();
        SECRETS.iter().any(|secret| parts.contains(secret))
    };
    let name = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    sides.into_iter().any(|(left, right)| {
        let left = left.trim_end().trim_end_matches("()").rsplit(name).next().unwrap_or_default();
        let right = right[2..].trim_start().trim_start_matches(['*', '&']);
        let right = right.split([' ', ')', '(', ',', ';']).next().unwrap_or_default().rsplit('.').next();
        is_secret(left) || right.is_some_and(is_secret)
    })
}

#[test]
fn no_secret_is_compared_by_equal_signs() {
    holds_everywhere(secrets_are_compared_in_constant_time);
}

#[test]
fn each_place_that_compares_a_secret_does_so_in_constant_time() {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for place in PLACES {
        let text = std::fs::read_to_string(source.join(place)).expect("a file");
        assert!(text.contains("ct_eq("), "{place}");
    }
}

#[test]
fn a_secret_between_equal_signs_is_found() {
    let rule = secrets_are_compared_in_constant_time;
    for code in
        ["if digest == given {", "if given != self.signing_secret {", "a == code.digest()", "mac == expected"]
    {
        assert_eq!(faults(rule, "crates/rollcall/src/codes.rs", &format!("//! x\n{code}\n")), 1, "{code}");
    }
    for code in ["if kind == Kind::Password {", "let x = a == b;", "status == \"digested\""] {
        assert_eq!(faults(rule, "crates/rollcall/src/codes.rs", &format!("//! x\n{code}\n")), 0, "{code}");
    }
}
