//! The counters as the source has them, against their rows.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::rows;

/// What the source says of each counter: its name, its limit and its window.
fn limits_in(folder: &Path, found: &mut Vec<(String, usize, Duration)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            limits_in(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a file");
            for (at, _) in text.match_indices("Allowance { name: \"") {
                let rest = &text[at + "Allowance { name: \"".len()..];
                let (name, rest) = rest.split_once("\", limit: ").expect("a limit follows the name");
                let (limit, rest) = rest.split_once(", window: ").expect("a window follows the limit");
                let (window, _) = rest.split_once(" }").expect("it ends");
                let limit = limit.replace('_', "").parse().expect("a number");
                found.push((name.to_owned(), limit, length(&text, window)));
            }
        }
    }
}

/// A time as it is written, or as a constant of the same file.
fn length(text: &str, written: &str) -> Duration {
    let Some(product) = written.strip_prefix("Duration::from_secs(") else {
        let begin = format!("const {written}: Duration = ");
        let (_, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("no constant {written}"));
        let (value, _) = rest.split_once(';').expect("it ends");
        return length(text, value);
    };
    let factors = product.trim_end_matches(')').split(" * ");
    Duration::from_secs(factors.map(|factor| factor.parse::<u64>().expect("a number")).product())
}

#[test]
fn every_counter_of_the_source_has_a_row_with_its_limit_and_window() {
    let mut found = Vec::new();
    limits_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    // Which process does a round of upkeep is counted the same way, and limits nobody.
    found.retain(|(name, ..)| name != "upkeep");
    assert!(found.len() > 20, "only {} counters were found", found.len());
    for (name, limit, window) in &found {
        let mut rows = rows::ROWS.iter().filter(|row| row.name == name).peekable();
        assert!(rows.peek().is_some(), "{name} has no row");
        for row in rows {
            assert_eq!((row.limit, row.window), (*limit, *window), "{name}");
        }
    }
    println!("limits: {} counters, each with a row; {} rows in all", found.len(), rows::ROWS.len());
}
