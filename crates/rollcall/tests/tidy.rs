//! The rules of the house that no compiler knows: imports run one way, SQL stands in its places, files stay small.
//!
//! Each rule is a function from a file to what is wrong with it, and has a test that shows it can fail.

#[path = "tidy/advisories.rs"]
mod advisories;
#[path = "tidy/asvs.rs"]
mod asvs;
#[path = "tidy/mutations.rs"]
mod mutations;
#[path = "tidy/secrets.rs"]
mod secrets;
#[path = "tidy/supply.rs"]
mod supply;

use std::fs;
use std::path::{Path, PathBuf};

/// Where the repository is.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file of the repository, by its path from the root with `/`.
struct File {
    path: String,
    text: String,
}

impl File {
    fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// The lines that are code: no comments, and nothing from the tests at the end on.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let before_tests = self.text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        before_tests
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line.trim_start()))
            .filter(|(_, line)| !line.starts_with("//"))
    }

    fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|extension| extension == "rs")
    }

    fn room(&self) -> Option<&str> {
        self.path.strip_prefix("crates/rollcall/src/")
    }
}

type Rule = fn(&File) -> Vec<String>;

fn faults(rule: Rule, path: &str, text: &str) -> usize {
    rule(&File::new(path, text)).len()
}

fn holds_everywhere(rule: Rule) {
    let root = root();
    let mut files = Vec::new();
    collect(&root, &root, &mut files);
    assert!(files.len() > 100, "only {} files were found", files.len());
    let wrong: Vec<_> = files.iter().flat_map(rule).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<File>) {
    const SKIPPED: [&str; 4] = ["target", "node_modules", ".git", "rollcall-data"];
    let entries = fs::read_dir(folder).expect("a folder that can be read");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if SKIPPED.contains(&name) {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, files);
        } else if let Ok(text) = fs::read_to_string(&path)
            && name != "Cargo.lock"
        {
            let path = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
            files.push(File { path, text });
        }
    }
}

/// What each room may import of the service's own; a room that is not named here may import what it likes.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &["domain"]),
    ("entropy.rs", &["entropy"]),
    ("clock.rs", &["clock"]),
    ("folders.rs", &["folders"]),
    ("keys", &["keys", "entropy", "folders"]),
    ("db", &["db", "domain", "entropy", "folders"]),
    ("passwords.rs", &["passwords", "entropy", "domain", "problem"]),
    ("config", &["config", "http", "db", "domain"]),
    ("problem", &["problem", "db", "domain"]),
];

fn imports_run_one_way(file: &File) -> Vec<String> {
    let Some(room) = file.room() else { return notify_knows_nobody(file) };
    let own =
        |name: &str| room == name || room == format!("{name}.rs") || room.starts_with(&format!("{name}/"));
    let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| own(name)) else { return Vec::new() };
    let mut wrong = Vec::new();
    for (line, code) in file.code() {
        for (_, rest) in code.match_indices("crate::").map(|(at, _)| code.split_at(at)) {
            let name = rest["crate::".len()..].split(|c: char| !c.is_ascii_lowercase() && c != '_').next();
            let name = name.unwrap_or_default();
            if !code.contains("$crate::") && !allowed.contains(&name) {
                wrong.push(format!("{}:{line}: imports `{name}`, which stands above it", file.path));
            }
        }
    }
    wrong
}

fn notify_knows_nobody(file: &File) -> Vec<String> {
    let leaf =
        file.path.starts_with("crates/notify/src/") || file.path.starts_with("crates/notify-fakes/src/");
    let wrong = file.code().filter(|(_, code)| leaf && code.contains("rollcall::"));
    wrong.map(|(line, _)| format!("{}:{line}: a leaf knows nothing of the service", file.path)).collect()
}

#[test]
fn imports_run_one_way_everywhere() {
    holds_everywhere(imports_run_one_way);
}

#[test]
fn an_import_that_runs_up_is_found() {
    let rule = imports_run_one_way;
    assert_eq!(
        faults(rule, "crates/rollcall/src/domain/team.rs", "//! x\nuse crate::http::caller::Caller;\n"),
        1
    );
    assert_eq!(faults(rule, "crates/rollcall/src/db/tx.rs", "//! x\nfn f(app: &crate::app::App) {}\n"), 1);
    assert_eq!(faults(rule, "crates/notify/src/smtp.rs", "//! x\nuse rollcall::db::Db;\n"), 1);
    assert_eq!(faults(rule, "crates/rollcall/src/db/tx.rs", "//! x\nuse crate::domain::event::By;\n"), 0);
    assert_eq!(
        faults(rule, "crates/rollcall/src/teams/list.rs", "//! x\nuse crate::http::query::Query;\n"),
        0
    );
}

/// Where statements that change rows may stand, beside every `store.rs`.
const MAY_CHANGE: &[&str] = &[
    "db/",
    "outbox/",
    "codes/",
    "allowances",
    "access.rs",
    "http/idempotency.rs",
    "sessions/authenticate.rs",
];

fn changes_stand_in_their_places(file: &File) -> Vec<String> {
    let Some(room) = file.room() else { return Vec::new() };
    if room.ends_with("store.rs")
        || room.contains("/store/")
        || MAY_CHANGE.iter().any(|place| room.starts_with(place))
    {
        return Vec::new();
    }
    let changes = |code: &str| {
        let code = code.trim_start_matches('"');
        let update = code.starts_with("update ") && code.contains(" set ");
        update || code.starts_with("insert into ") || code.starts_with("delete from ")
    };
    let found = |code: &str| {
        changes(code)
            || ["\"insert into ", "\"delete from ", "\"update "].iter().any(|sql| code.contains(sql))
    };
    let wrong = file.code().filter(|(_, code)| found(code));
    wrong.map(|(line, _)| format!("{}:{line}: SQL that changes rows stands in store.rs", file.path)).collect()
}

#[test]
fn sql_that_changes_rows_stands_in_its_places() {
    holds_everywhere(changes_stand_in_their_places);
}

#[test]
fn sql_in_an_operation_is_found() {
    let rule = changes_stand_in_their_places;
    let text = "//! x\ntx.execute(\"update team set name = $1\", (name,))?;\n";
    assert_eq!(faults(rule, "crates/rollcall/src/teams/rename.rs", text), 1);
    assert_eq!(
        faults(rule, "crates/rollcall/src/teams/create.rs", "//! x\n    \"insert into team values ($1)\",\n"),
        1
    );
    assert_eq!(faults(rule, "crates/rollcall/src/teams/store.rs", text), 0);
}

fn the_surroundings_are_asked_in_two_places(file: &File) -> Vec<String> {
    let asked = file.room().is_some_and(|room| room != "main.rs" && !room.starts_with("config"));
    let wrong = file.code().filter(|(_, code)| asked && code.contains("std::env::"));
    wrong
        .map(|(line, _)| format!("{}:{line}: only config and main read the environment", file.path))
        .collect()
}

#[test]
fn only_config_and_main_read_the_environment() {
    holds_everywhere(the_surroundings_are_asked_in_two_places);
}

#[test]
fn a_look_at_the_environment_is_found() {
    let rule = the_surroundings_are_asked_in_two_places;
    let text = "//! x\nlet home = std::env::var(\"HOME\");\n";
    assert_eq!(faults(rule, "crates/rollcall/src/start.rs", text), 1);
    assert_eq!(faults(rule, "crates/rollcall/src/config/sources.rs", text), 0);
}

const LONGEST: usize = 500;

fn files_are_small_and_say_what_lives_there(file: &File) -> Vec<String> {
    if !file.is_rust() {
        return Vec::new();
    }
    let mut wrong = Vec::new();
    let lines = file.text.lines().count();
    if lines > LONGEST {
        wrong.push(format!("{}: {lines} lines are more than {LONGEST}", file.path));
    }
    if !file.text.starts_with("//! ") {
        wrong.push(format!("{}: the first line says what lives there: `//! …`", file.path));
    }
    wrong
}

#[test]
fn every_file_is_small_and_says_what_lives_there() {
    holds_everywhere(files_are_small_and_say_what_lives_there);
}

#[test]
fn a_long_or_silent_file_is_found() {
    let rule = files_are_small_and_say_what_lives_there;
    assert_eq!(faults(rule, "crates/x.rs", &format!("//! x\n{}", "\n".repeat(LONGEST))), 1);
    assert_eq!(faults(rule, "crates/x.rs", "use std::fs;\n"), 1);
    assert_eq!(faults(rule, "crates/x.rs", "//! What lives here.\n"), 0);
}

/// Put together from halves, so that this file does not hold them.
const UNFINISHED: [&str; 4] =
    [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("FIX", "ME"), concat!("XX", "X:")];
const PLACES: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];

fn nothing_is_unfinished_or_tied_to_a_machine(file: &File) -> Vec<String> {
    let found = |words: &[&str], line: &str| words.iter().any(|word| line.contains(word));
    let mut wrong = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        if file.is_rust() && found(&UNFINISHED, line) {
            wrong.push(format!("{}:{}: unfinished", file.path, index + 1));
        }
        if ["<<<<<<< ", ">>>>>>> "].iter().any(|mark| line.starts_with(mark)) {
            wrong.push(format!("{}:{}: a conflict that was not resolved", file.path, index + 1));
        }
        if !file.path.contains("/tests/data/") && found(&PLACES, line) {
            wrong.push(format!("{}:{}: the path of somebody's machine", file.path, index + 1));
        }
    }
    wrong
}

#[test]
fn nothing_is_unfinished_or_tied_to_somebodys_machine() {
    holds_everywhere(nothing_is_unfinished_or_tied_to_a_machine);
}

#[test]
fn unfinished_code_and_paths_of_machines_are_found() {
    let rule = nothing_is_unfinished_or_tied_to_a_machine;
    assert_eq!(faults(rule, "crates/x.rs", concat!("//! x\nfn f() { todo", "!() }\n")), 1);
    assert_eq!(faults(rule, "README.md", concat!("see /ho", "me/anna/rollcall\n")), 1);
    assert_eq!(faults(rule, "README.md", "see /var/lib/rollcall\n"), 0);
    assert_eq!(faults(rule, "run", concat!("<<<<", "<<< HEAD\n")), 1);
}
