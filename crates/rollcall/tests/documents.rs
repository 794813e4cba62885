//! Files that say what the code says: written by `UPDATE=1 cargo test --test documents`, compared by every other run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Compares a committed file with what the code says, or writes it.
#[expect(clippy::disallowed_methods, reason = "a switch of this test, not a setting")]
fn holds(file: &str, expected: &str) {
    let path = root().join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, expected).expect("the file can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let line =
        found.lines().zip(expected.lines()).take_while(|(found, expected)| found == expected).count() + 1;
    assert!(
        found == expected,
        "{file} is not what the code says, from line {line} on; `UPDATE=1 cargo test -p rollcall --test documents` writes it"
    );
}

#[test]
fn openapi_json_is_the_document_of_the_code() {
    let document = rollcall::routes::document().to_pretty_json().expect("a document");
    holds("openapi.json", &(document + "\n"));
}

#[test]
fn whatever_the_document_refers_to_is_in_it() {
    let text = rollcall::routes::document().to_json().expect("a document");
    let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let refers = |text: &str| -> BTreeSet<String> {
        let pieces = text.split("\"$ref\":\"#").skip(1);
        pieces.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
    };
    let places = refers(&text);
    assert!(places.len() > 20, "{places:?}");
    let missing: Vec<_> = places.iter().filter(|place| document.pointer(place).is_none()).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(refers("{\"$ref\":\"#/a\"}"), BTreeSet::from(["/a".to_owned()]));
}

#[test]
fn problems_md_is_the_catalogue_of_the_code() {
    holds("docs/problems.md", &rollcall::problem::markdown());
}

#[test]
fn the_example_settings_name_every_setting_and_no_other() {
    let text = std::fs::read_to_string(root().join("rollcall.example.toml")).expect("the file");
    let known: BTreeSet<_> = rollcall::config::names().map(str::to_owned).collect();
    assert_eq!(settings_of(&text), known);
    assert_ne!(settings_of("#listn = \"x\""), known);
}

#[test]
fn the_example_settings_are_understood_when_they_are_uncommented() {
    let text = std::fs::read_to_string(root().join("rollcall.example.toml")).expect("the file");
    let live: Vec<_> = text
        .lines()
        .map(|line| line.strip_prefix('#').filter(|_| is_setting(line)).unwrap_or(line))
        .collect();
    let table: toml::Table = live.join("\n").parse().expect("TOML");
    assert_eq!(table.len(), rollcall::config::names().count());
}

/// `#name = value`
fn is_setting(line: &str) -> bool {
    line.strip_prefix('#').is_some_and(|line| {
        line.starts_with(|first: char| first.is_ascii_lowercase()) && line.contains(" = ")
    })
}

fn settings_of(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| is_setting(line));
    lines.filter_map(|line| Some(line.strip_prefix('#')?.split_once(" = ")?.0.to_owned())).collect()
}

/// What a document is found to break by the rules that others have made for such documents, a line each.
fn findings(document: &Path) -> Vec<String> {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/document");
    let mut linter = Command::new(rules.join("node_modules/.bin/spectral"));
    linter.args(["lint", "--quiet", "--format", "json", "--ruleset"]);
    let output = linter.arg(rules.join("ruleset.yaml")).arg(document).output();
    let output = output.expect("npm ci in crates/rollcall/tests/document");
    let found: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let lines = found.as_array().expect("a list").iter().map(|finding| {
        let path: Vec<_> =
            finding["path"].as_array().expect("a path").iter().filter_map(|part| part.as_str()).collect();
        format!("{} {}", finding["code"].as_str().expect("a rule"), path.join(" "))
    });
    // Parameters have one bound all together: that of an address, 8 KiB, or of all headers, 64 KiB.
    let bounded = |line: &String| line.contains("-limit ") && line.contains(" parameters ");
    lines.filter(|line| !bounded(line)).collect()
}

/// A file that goes with the test that wrote it.
struct Passing(PathBuf);

impl Drop for Passing {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0) {
            eprintln!("{} stays: {error}", self.0.display());
        }
    }
}

#[test]
fn the_document_keeps_the_rules_for_secure_apis_of_owasp() {
    let found = findings(&root().join("openapi.json"));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_document_that_breaks_one_of_these_rules_is_found() {
    let text = std::fs::read_to_string(root().join("openapi.json")).expect("the document");
    let mut document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let moment = document["components"]["schemas"]["Moment"].as_object_mut().expect("a schema");
    moment.remove("maxLength").expect("it has a bound");
    let path = Passing(Path::new(env!("CARGO_TARGET_TMPDIR")).join("openapi-without-a-bound.json"));
    std::fs::write(&path.0, document.to_string()).expect("written");
    let found = findings(&path.0);
    let wherever_it_stands =
        |line: &String| line.starts_with("owasp:api4:2023-string-limit components schemas ");
    assert!(!found.is_empty() && found.iter().all(wherever_it_stands), "{found:?}");
}
