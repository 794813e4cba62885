//! One entry for each parser of our own: whatever bytes come in, it neither panics nor breaks what it promises.
//!
//! The programs in `fuzz/` and the properties below call the same functions; `fuzz/corpus` is shared too.

mod transports;

use crate::{config, console, domain, http, keys, mailbox, sessions};

/// A parser's name, and what is tried on it.
pub type Target = (&'static str, fn(&[u8]));

/// Every parser.
pub const TARGETS: [Target; 19] = [
    ("email_address", |bytes| domain::fuzzing::email_address(text(bytes))),
    ("phone_number", |bytes| domain::fuzzing::phone_number(text(bytes))),
    ("channel_value", |bytes| domain::fuzzing::channel_value(text(bytes))),
    ("texts", |bytes| domain::fuzzing::texts(text(bytes))),
    ("plans", |bytes| domain::fuzzing::plans(text(bytes))),
    ("json_body", http::fuzzing::json_body),
    ("query", http::fuzzing::query),
    ("cursor", http::fuzzing::cursor),
    ("headers", http::fuzzing::headers),
    ("addressing", http::fuzzing::addressing),
    ("bearer", sessions::fuzzing::bearer),
    ("console", console::fuzzing::visitor),
    ("host", mailbox::fuzzing::host),
    ("settings", |bytes| config::fuzzing::settings(text(bytes))),
    ("secret_keys", |bytes| keys::fuzzing::file(text(bytes))),
    ("guard_url", transports::guard_url),
    ("receiver_answer", transports::receiver_answer),
    ("transport_settings", transports::transport_settings),
    ("push_keys", transports::push_keys),
];

/// Tries a parser by its name.
///
/// # Panics
/// When there is none of that name, or when it breaks a promise.
pub fn run(name: &str, bytes: &[u8]) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("a parser of that name");
    target(bytes);
}

/// As text, up to where it is none.
pub(crate) fn text(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use proptest::prelude::*;

    use super::*;

    fn corpus(name: &str) -> Vec<Vec<u8>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
        let files = std::fs::read_dir(&folder).unwrap_or_else(|_| panic!("{} is missing", folder.display()));
        let mut files: Vec<PathBuf> = files.map(|file| file.expect("an entry").path()).collect();
        files.sort();
        files.iter().map(|file| std::fs::read(file).expect("a file")).collect()
    }

    /// A sample of the corpus with a piece taken out and another put in: near enough to what is right to get past the first check.
    fn nearly(samples: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            "\\PC{0,8}".prop_map(String::into_bytes),
            proptest::collection::vec(any::<u8>(), 0..4),
            proptest::sample::select(samples.clone()),
        ];
        (proptest::sample::select(samples), any::<prop::sample::Index>(), 0..6_usize, piece).prop_map(
            |(mut bytes, at, cut, piece)| {
                let at = at.index(bytes.len() + 1);
                let end = (at + cut).min(bytes.len());
                bytes.splice(at..end, piece);
                bytes
            },
        )
    }

    #[test]
    fn no_parser_panics_or_breaks_its_promise_on_what_was_found_before() {
        let mut tried = 0;
        for (name, target) in TARGETS {
            let samples = corpus(name);
            assert!(!samples.is_empty(), "{name} has a corpus");
            tried += samples.len();
            for bytes in &samples {
                target(bytes);
            }
        }
        println!("parsers: {} with {tried} samples, no panic", TARGETS.len());
    }

    #[test]
    fn no_parser_panics_or_breaks_its_promise_on_what_chance_makes() {
        for (name, target) in TARGETS {
            let input = prop_oneof![
                1 => proptest::collection::vec(any::<u8>(), 0..200),
                1 => "\\PC{0,80}".prop_map(String::into_bytes),
                4 => nearly(corpus(name)),
            ];
            let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
                cases: 512,
                failure_persistence: None,
                ..ProptestConfig::default()
            });
            runner
                .run(&input, |bytes| {
                    target(&bytes);
                    Ok(())
                })
                .unwrap_or_else(|found| panic!("{name}: {found}"));
        }
    }
}
