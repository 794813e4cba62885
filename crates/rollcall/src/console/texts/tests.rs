//! Every text stands in every language, is used, and fills the same places.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::*;

/// Sections that English leaves to the operations, whose own words these are.
const OF_OPERATIONS: [&str; 5] = ["type_text.", "type_code.", "type_label.", "type_hint.", "detail."];

fn keys(texts: &Texts) -> BTreeSet<&str> {
    let own = |key: &&str| !OF_OPERATIONS.iter().any(|section| key.starts_with(section));
    texts.entries.keys().map(String::as_str).filter(own).collect()
}

fn places(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
}

/// The words of the console's own sources that could be keys: what stands between double quotes.
fn quoted() -> BTreeSet<String> {
    fn collect(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default().to_owned();
            if path.is_dir() {
                collect(&path, found);
            } else if matches!(kind.as_str(), "rs" | "html") {
                let text = fs::read_to_string(&path).expect("a text");
                found.extend(text.split('"').map(str::to_owned));
            }
        }
    }
    let mut found = BTreeSet::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console"), &mut found);
    found
}

#[test]
fn every_language_has_every_text_and_fills_the_same_places() {
    let [english, others @ ..] = Texts::all();
    for other in others {
        assert_eq!(keys(english), keys(other), "{}", other.name);
        for (key, text) in &english.entries {
            assert_eq!(places(text), places(&other.entries[key]), "{key} in {}", other.name);
            assert!(!other.entries[key].trim().is_empty(), "{key} in {}", other.name);
        }
    }
}

/// Sections whose keys are made of names that the API gives: roles, states, codes.
const BY_NAME: &[&str] = &[
    "action",
    "category",
    "delivery",
    "fault",
    "flash",
    "invitation",
    "kind",
    "limit",
    "outcome",
    "problem",
    "role",
    "severity",
    "status",
    "type",
];

#[test]
fn every_text_that_a_page_asks_for_is_there_and_every_text_is_asked_for() {
    let quoted = quoted();
    let known = keys(&ENGLISH);
    for key in &known {
        let (section, _) = key.split_once('.').expect("a section");
        let stem = key.trim_end_matches("_one").trim_end_matches("_many");
        let used = quoted.contains(*key) || quoted.contains(stem) || BY_NAME.contains(&section);
        assert!(used, "no page uses {key}");
    }
    let sections: BTreeSet<_> = known.iter().filter_map(|key| key.split('.').next()).collect();
    for word in &quoted {
        let Some((section, rest)) = word.split_once('.') else { continue };
        let file = [".html", ".css", ".csv", ".toml", ".svg"].iter().any(|ending| word.ends_with(ending));
        let shaped =
            !file && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') && !rest.is_empty();
        if sections.contains(section) && shaped && !rest.ends_with('_') {
            let counted = known.contains(format!("{word}_one").as_str());
            assert!(known.contains(word.as_str()) || counted, "no text {word}");
        }
    }
}

#[test]
fn every_refusal_and_every_action_has_its_words() {
    for texts in Texts::all() {
        for code in crate::problem::Code::ALL {
            assert!(texts.find_text(&format!("problem.{}", code.name())).is_some(), "{}", code.name());
        }
        for action in crate::domain::event::Action::ALL {
            let key = format!("action.{}", action.name().replace('.', "_"));
            assert!(texts.find_text(&key).is_some(), "{key} in {}", texts.name);
        }
    }
}

#[test]
fn every_type_of_channel_and_each_of_its_fields_has_its_words() {
    for texts in Texts::all().into_iter().filter(|texts| texts.language != "en") {
        for kind in crate::domain::channel_type::ChannelType::ALL {
            let word = kind.as_str();
            for section in ["type", "type_text", "type_code"] {
                assert!(texts.find_text(&format!("{section}.{word}")).is_some(), "{section}.{word}");
            }
            for field in kind.guide().fields {
                for section in ["type_label", "type_hint"] {
                    let key = format!("{section}.{word}_{}", field.name);
                    assert!(texts.find_text(&key).is_some(), "{key} in {}", texts.name);
                }
            }
        }
    }
}

/// The sentences of a source file: what stands between double quotes, begins with a capital and ends with a full stop or a question mark.
fn sentences(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("a source file");
    let (code, _) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let sentence = |quoted: &&str| {
        quoted.contains(' ')
            && quoted.starts_with(|c: char| c.is_ascii_uppercase())
            && quoted.ends_with(['.', '?'])
    };
    lines.flat_map(|line| line.split('"').skip(1).step_by(2).filter(sentence)).map(str::to_owned).collect()
}

#[test]
fn every_sentence_about_an_attempt_has_its_words() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let senders = fs::read_dir(root.join("../notify/src")).expect("a folder");
    let mut sources: Vec<_> = senders.map(|entry| entry.expect("an entry").path()).collect();
    sources.retain(|path| path.extension().is_some_and(|kind| kind == "rs"));
    sources.extend([root.join("../notify/src/smtp/mail.rs"), root.join("src/outbox/deliver.rs")]);
    let found: Vec<_> = sources.iter().flat_map(|path| sentences(path)).collect();
    assert!(found.len() > 60, "only {} sentences were found", found.len());
    for sentence in found {
        let said = sentence.replace("{status}", "503").replace("{}", "503").replace("410", "503");
        assert_eq!(ENGLISH.detail(&said), said);
        let translated = GERMAN.detail(&said);
        assert_ne!(translated, said, "no words in German");
        assert_eq!(translated.contains("503"), said.contains("503"), "{translated}");
    }
    assert_eq!(GERMAN.detail("A sentence of another version (42)."), "A sentence of another version (42).");
}

#[test]
fn the_language_is_the_chosen_one_or_the_one_that_is_liked_best() {
    for (chosen, accepted, language) in [
        (None, "", "en"),
        (None, "de-AT,de;q=0.9,en;q=0.8", "de"),
        (None, "fr,de;q=0.5,en;q=0.4", "de"),
        (None, "en;q=0.2, de;q=0.1", "en"),
        (Some("de"), "en", "de"),
        (Some("tlh"), "en", "en"),
        (None, "de;q=0", "en"),
    ] {
        assert_eq!(Texts::find(chosen, accepted).language, language, "{chosen:?} {accepted}");
    }
}

#[test]
fn a_value_that_looks_like_a_place_stays_as_it_is() {
    assert_eq!(fill("{0} invites you to {1}", &["{1}", "Platform"]), "{1} invites you to Platform");
    assert_eq!(fill("{x} {0}", &["a"]), "{x} a");
}
