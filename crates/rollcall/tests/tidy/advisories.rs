//! Known holes of the crates in `Cargo.lock`, by the copy of `RustSec`'s advisories that is kept in `advisories/`. `just deny` asks the
//! database itself where it can be reached.

use std::collections::BTreeSet;

use semver::{Version, VersionReq};

use super::root;

/// One advisory, as far as it says what is affected (<https://github.com/RustSec/advisory-db>, "Advisory Format").
struct Advisory {
    id: String,
    package: String,
    /// Versions without the hole, each entry a choice.
    good: Vec<VersionReq>,
}

impl Advisory {
    /// Reads one; none where it was withdrawn, or tells of something that is no hole: that nobody looks after a crate any more.
    fn parse(text: &str) -> Option<Self> {
        let head = text.split_once("```toml\n").expect("it begins with a table").1;
        let table: toml::Table = head.split_once("\n```").expect("which ends").0.parse().expect("TOML");
        let advisory = &table["advisory"];
        let kind = advisory.get("informational").and_then(toml::Value::as_str);
        if advisory.get("withdrawn").is_some() || !matches!(kind, None | Some("unsound")) {
            return None;
        }
        let good =
            ["patched", "unaffected"].into_iter().filter_map(|key| table["versions"].get(key)?.as_array());
        let word = |value: &toml::Value| value.as_str().expect("a text").to_owned();
        Some(Self {
            id: word(&advisory["id"]),
            package: word(&advisory["package"]),
            good: good.flatten().map(|entry| word(entry).parse().expect("a requirement")).collect(),
        })
    }

    fn concerns(&self, package: &str, version: &Version) -> bool {
        self.package == package && !self.good.iter().any(|good| good.matches(version))
    }
}

fn kept() -> Vec<Advisory> {
    let crates = std::fs::read_dir(root().join("advisories/crates")).expect("a copy");
    let files = crates.flat_map(|of| std::fs::read_dir(of.expect("an entry").path()).expect("a folder"));
    let texts = files.map(|file| std::fs::read_to_string(file.expect("an entry").path()).expect("a text"));
    texts.filter_map(|text| Advisory::parse(&text)).collect()
}

/// Each crate of a lock file with its version.
fn locked(file: &str) -> Vec<(String, Version)> {
    let text = std::fs::read_to_string(root().join(file)).expect("a lock file");
    let table: toml::Table = text.parse().expect("TOML");
    let packages = table["package"].as_array().expect("a list").iter();
    let word = |package: &toml::Value, key: &str| package[key].as_str().expect("a text").to_owned();
    packages
        .map(|package| (word(package, "name"), word(package, "version").parse().expect("a version")))
        .collect()
}

#[test]
fn no_crate_has_a_known_hole() {
    let (advisories, locked) = (kept(), locked("Cargo.lock"));
    assert!(advisories.len() > 50 && locked.len() > 200, "{} and {}", advisories.len(), locked.len());
    let holes = advisories.iter().flat_map(|advisory| {
        let concerned = locked.iter().filter(|(package, version)| advisory.concerns(package, version));
        concerned.map(|(package, version)| format!("{}: {package} {version}", advisory.id))
    });
    let holes: Vec<_> = holes.collect();
    assert!(holes.is_empty(), "\n{}", holes.join("\n"));
    println!("supply: {} advisories on {} crates, 0 known holes", advisories.len(), locked.len());
}

/// Crates of a lock file that the database was never asked about.
fn never_looked_up(list: &str, locked: &[(String, Version)]) -> BTreeSet<String> {
    let looked_up: BTreeSet<_> = list.lines().collect();
    locked
        .iter()
        .filter(|(name, _)| !looked_up.contains(name.as_str()))
        .map(|(name, _)| name.clone())
        .collect()
}

#[test]
fn every_crate_was_looked_up_when_the_advisories_were_copied() {
    let list = std::fs::read_to_string(root().join("advisories/looked-up.txt")).expect("a list");
    assert!(list.lines().is_sorted() && list.lines().count() > 200, "{} crates", list.lines().count());
    let locked = [locked("Cargo.lock"), locked("fuzz/Cargo.lock")].concat();
    let missing = never_looked_up(&list, &locked);
    assert!(
        missing.is_empty(),
        "nobody has looked whether {missing:?} have known holes: run `./scripts/advisories FOLDER` with a clone of \
         https://github.com/RustSec/advisory-db in FOLDER"
    );
    let without = list.replace("\nserde\n", "\n");
    assert_eq!(never_looked_up(&without, &locked), BTreeSet::from(["serde".to_owned()]));
}

#[test]
fn a_crate_with_a_known_hole_is_found() {
    let text = |extra: &str| {
        format!(
            "```toml\n[advisory]\nid = \"RUSTSEC-1\"\npackage = \"bad\"\n{extra}\n[versions]\npatched = [\">= 1.2.0, < 2.0.0\", \">= 2.1\"]\n\
             unaffected = [\"< 0.5.0\"]\n```\n\n# A hole\n"
        )
    };
    let advisory = Advisory::parse(&text("")).expect("a hole");
    let concerns =
        |package: &str, version: &str| advisory.concerns(package, &version.parse().expect("a version"));
    for version in ["0.5.0", "1.1.9", "2.0.0"] {
        assert!(concerns("bad", version), "{version}");
    }
    for version in ["0.4.9", "1.2.0", "2.1.3"] {
        assert!(!concerns("bad", version), "{version}");
    }
    assert!(!concerns("good", "1.0.0"));
    assert!(Advisory::parse(&text("informational = \"unsound\"")).is_some());
    assert!(Advisory::parse(&text("informational = \"unmaintained\"")).is_none());
    assert!(Advisory::parse(&text("withdrawn = \"2026-01-01\"")).is_none());
}
