//! `docs/asvs.md` names every requirement of levels 1 and 2, and nothing that is not there.

use std::collections::BTreeSet;
use std::fs;

use super::root;

/// How many requirements of each chapter are of level 1 or 2 (ASVS 5.0.0).
const REQUIREMENTS: [usize; 17] = [27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7];

/// Where a place may begin.
const ROOTS: [&str; 3] = ["", "crates/rollcall/src", "crates/rollcall/tests"];

fn document() -> String {
    fs::read_to_string(root().join("docs/asvs.md")).expect("the document")
}

/// Numbers of requirements, as `6.2.12`.
fn numbers(text: &str) -> BTreeSet<[usize; 3]> {
    let parsed = |word: &str| {
        let parts: Vec<usize> =
            word.trim_end_matches('.').split('.').map_while(|part| part.parse().ok()).collect();
        <[usize; 3]>::try_from(parts).ok()
    };
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .filter_map(parsed)
        .filter(|number| number[1] > 0)
        .collect()
}

/// What is wrong with a place that the document names; nothing with words that are no place.
fn missing(named: &str) -> Option<String> {
    let (path, test) = named.split_once("::").map_or((named, None), |(path, test)| (path, Some(test)));
    let is_path = !path.starts_with('/')
        && path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c))
        && (path.contains('/')
            || [".rs", ".md", ".toml", ".json", ".js", ".lock"].iter().any(|end| path.ends_with(end)));
    if !is_path {
        return None;
    }
    let mut found =
        ROOTS.iter().map(|start| root().join(start).join(path)).filter(|path| path.exists()).peekable();
    if found.peek().is_none() {
        return Some(format!("{path} is not there"));
    }
    let test = test?;
    // A test of a table is a line of it.
    let holds = |text: &str| text.contains(&format!("fn {test}(")) || text.contains(&format!("    {test}: "));
    let there = found.any(|path| fs::read_to_string(path).is_ok_and(|text| holds(&text)));
    (!there).then(|| format!("{path} has no test {test}"))
}

#[test]
fn every_requirement_is_answered_and_every_place_that_is_named_is_there() {
    let text = document();
    let numbers = numbers(&text);
    for (index, count) in REQUIREMENTS.into_iter().enumerate() {
        let chapter = numbers.iter().filter(|number| number[0] == index + 1).count();
        assert_eq!(chapter, count, "chapter {}", index + 1);
    }
    let named: Vec<_> = text.split('`').skip(1).step_by(2).collect();
    let wrong: Vec<_> = named.iter().filter_map(|named| missing(named)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    println!("asvs: {} requirements, {} places named, all there", numbers.len(), named.len());
}

#[test]
fn a_place_that_is_not_there_is_found() {
    for named in ["nowhere.rs", "api/edge.rs::nothing_of_the_kind", "docs/nowhere.md", "api/nowhere.rs::x"] {
        assert!(missing(named).is_some(), "{named}");
    }
    for named in [
        "__Host-",
        "Sec-Fetch-Site",
        "just deny",
        "tidy.rs",
        "tidy/asvs.rs::a_place_that_is_not_there_is_found",
    ] {
        assert_eq!(missing(named), None, "{named}");
    }
}
