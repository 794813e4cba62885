//! What Rollcall is built of, by the rules of `deny.toml`: licences, sources and crates that must not be there. Known
//! holes are `advisories.rs`.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::root;

/// What `deny.toml` says.
struct Rules {
    licences: Vec<String>,
    banned: Vec<String>,
}

impl Rules {
    fn read() -> Self {
        let text = std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml");
        let rules: toml::Table = text.parse().expect("TOML");
        let texts = |value: &toml::Value, key: Option<&str>| -> Vec<String> {
            let entries = value.as_array().expect("a list").iter();
            let entries = entries.map(|entry| key.map_or(entry, |key| &entry[key]));
            entries.map(|entry| entry.as_str().expect("a text").to_owned()).collect()
        };
        let rules = Self {
            licences: texts(&rules["licenses"]["allow"], None),
            banned: texts(&rules["bans"]["deny"], Some("crate")),
        };
        assert!(rules.licences.len() > 3 && rules.banned.len() > 3, "rules were found");
        rules
    }

    /// Whether an SPDX expression leaves a choice that is allowed.
    fn allow(&self, expression: &str) -> bool {
        let expression = expression.replace('/', " OR ").replace(['(', ')'], " ");
        // Without brackets an AND binds stronger; taking every part of the brackets as one more condition is the stricter reading.
        expression.split(" AND ").all(|part| {
            part.split(" OR ").any(|licence| self.licences.iter().any(|allowed| allowed == licence.trim()))
        })
    }

    /// What is wrong with a crate, as `cargo tree` shows it: name and version with where it comes from, if that is not the registry.
    fn fault(&self, package: &str, licence: &str) -> Option<String> {
        let name = package.split(' ').next().unwrap_or_default();
        let from =
            package.split_once(" (").map(|(_, from)| from).filter(|from| !from.starts_with("proc-macro"));
        if from.is_some_and(|from| !from.contains("/crates/")) {
            return Some(format!("{package} comes from elsewhere"));
        }
        if self.banned.iter().any(|banned| banned == name) {
            return Some(format!("{name} must not be there"));
        }
        (!self.allow(licence)).then(|| format!("{name} is licensed as {licence:?}"))
    }
}

/// What the binary is built of, ours included: each crate with its licence.
fn packages() -> BTreeSet<(String, String)> {
    let mut command = Command::new(env!("CARGO"));
    command.args([
        "tree",
        "--locked",
        "--offline",
        "--workspace",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
    ]);
    let output = command.args(["--format", "{p}|{l}"]).current_dir(root()).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let lines =
        text.lines().map(|line| line.trim_end_matches(" (*)")).filter_map(|line| line.split_once('|'));
    lines.map(|(package, licence)| (package.trim().to_owned(), licence.trim().to_owned())).collect()
}

#[test]
fn every_crate_has_a_licence_that_is_allowed_and_comes_from_the_registry() {
    let (rules, packages) = (Rules::read(), packages());
    assert!(packages.len() > 200, "only {} crates were found", packages.len());
    let wrong: Vec<_> =
        packages.iter().filter_map(|(package, licence)| rules.fault(package, licence)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    println!("supply: {} crates, 0 findings in licences, sources and bans", packages.len());
}

#[test]
fn a_crate_against_the_rules_is_found() {
    let rules = Rules::read();
    assert_eq!(rules.fault("good v1.0.0", "MIT OR Apache-2.0"), None);
    assert_eq!(rules.fault("good v1.0.0 (proc-macro)", "MIT/Apache-2.0"), None);
    assert_eq!(rules.fault("good v1.0.0", "(GPL-3.0 OR MIT) AND ISC"), None);
    for (package, licence) in [
        ("bad v1.0.0", "GPL-3.0"),
        ("bad v1.0.0", ""),
        ("bad v1.0.0", "MIT AND GPL-3.0"),
        ("bad v1.0.0 (https://example.com/bad#1234)", "MIT"),
        ("openssl v1.0.0", "Apache-2.0"),
    ] {
        assert!(rules.fault(package, licence).is_some(), "{package} {licence}");
    }
}

#[test]
fn no_crate_of_ours_may_be_unsafe() {
    let read = |path: &Path| std::fs::read_to_string(path).expect("a manifest");
    assert!(read(&root().join("Cargo.toml")).contains("unsafe_code = \"forbid\""));
    let members = std::fs::read_dir(root().join("crates")).expect("a folder");
    let members: Vec<_> = members.map(|member| member.expect("an entry").path().join("Cargo.toml")).collect();
    assert!(members.len() >= 3, "only {} crates of ours were found", members.len());
    for manifest in members {
        assert!(
            read(&manifest).contains("[lints]\nworkspace = true"),
            "{} takes no lints",
            manifest.display()
        );
    }
}
