//! The README keeps its word: every line of its tour runs against the real program, and its table names every setting.

mod process;

use std::path::Path;
use std::process::Command;

use crate::process::Folder;

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    std::fs::read_to_string(path).expect("the README")
}

/// A section, by its heading, up to the next one.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("\n## {heading}\n")).expect(heading);
    rest.split("\n## ").next().unwrap_or_default()
}

/// The lines of all its shell blocks.
fn shell(text: &str) -> String {
    let blocks = text.split("```sh\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap_or_default()).collect()
}

#[test]
fn every_line_of_the_tour_runs() {
    let folder = Folder::new();
    let program = folder.serve(&[]);
    let readme = readme();
    let tour = shell(section(&readme, "A five-minute tour"));
    assert!(tour.lines().count() > 25, "the tour was not found");
    let script = tour.replace("http://localhost:8080", &program.url);
    assert_ne!(script, tour);
    // A line that fails ends it; within a substitution too, and an answer that lacks what is looked for is empty.
    let script = format!("set -eu\nshopt -s inherit_errexit\nset -o pipefail\n{script}");
    let output = Command::new("bash").arg("-c").arg(&script).output().expect("bash runs");
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{errors}\nafter\n{said}");
    for words in ["Platform", "ben@example.com", "\"status\":\"delivered\"", "Checkout API", "team.created"] {
        assert!(said.contains(words), "{words} is missing in\n{said}");
    }
}

#[test]
fn the_table_names_every_setting_and_no_other() {
    let readme = readme();
    let words = section(&readme, "Settings").split(|c: char| !c.is_ascii_uppercase() && c != '_');
    let mut named: Vec<_> =
        words.filter_map(|word| word.strip_prefix("ROLLCALL_")).map(str::to_lowercase).collect();
    let mut known: Vec<_> = rollcall::config::names().map(str::to_owned).collect();
    named.sort();
    known.sort();
    assert_eq!(named, known);
}

#[test]
fn the_two_commands_stand_on_the_first_screen() {
    let readme = readme();
    let first: Vec<_> = readme.lines().take(25).collect();
    assert!(first.iter().any(|line| line.starts_with("cargo run ") && line.ends_with("-- serve")));
    assert!(first.contains(&"./scripts/test"));
}
