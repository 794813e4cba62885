//! The examples as clients were given them, and the one way to run them: another host, token, ids and codes, nothing else.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

const TEXT: &str = include_str!("examples.txt");
/// Each begins with this line.
const BEGIN: &str = "const axios = require('axios');";
/// What each was written for: the host behind a service's label.
const HOST: &str = ".api.pinghome.io";
const TOKEN: &str = "YOUR_TOKEN";

pub(crate) struct Examples {
    texts: Vec<String>,
    ran: BTreeSet<usize>,
    url: String,
}

impl Examples {
    /// The examples, to be run against the server at `url`.
    pub(crate) fn new(url: &str) -> Self {
        install();
        let texts = TEXT.split(BEGIN).skip(1).map(|rest| format!("{BEGIN}{rest}")).collect();
        Self { texts, ran: BTreeSet::new(), url: url.to_owned() }
    }

    pub(crate) fn count(&self) -> usize {
        self.texts.len()
    }

    pub(crate) fn ran(&self) -> usize {
        self.ran.len()
    }

    /// Runs the one example with this method and this end of its path, with `texts` in the places of others, and gives the
    /// body of its success.
    pub(crate) fn run(&mut self, method: &str, path: &str, token: &str, texts: &[(&str, &str)]) -> Value {
        let call = format!("axios.{}(", method.to_lowercase());
        let fits =
            |text: &String| text.contains(&call) && url_of(text).is_some_and(|url| path_fits(url, path));
        let found: Vec<_> = self.texts.iter().enumerate().filter(|(_, text)| fits(text)).collect();
        let [(index, example)] = found.as_slice() else {
            panic!("{method} {path}: {} examples", found.len())
        };
        let (status, body) = node(&self.prepared(example, token, texts));
        assert!((200..300).contains(&status), "{method} {path}: {status} {body}");
        let index = *index;
        assert!(self.ran.insert(index), "{method} {path} ran before");
        body
    }

    fn prepared(&self, example: &str, token: &str, texts: &[(&str, &str)]) -> String {
        let url = url_of(example).expect("an example has a URL");
        let (service, _) = url.trim_start_matches("https://").split_once('.').expect("a host");
        let mut text =
            example.replace(&format!("https://{service}{HOST}"), &format!("{}/{service}", self.url));
        assert!(text.contains(TOKEN));
        text = text.replace(TOKEN, token);
        for (from, to) in texts {
            assert!(text.contains(from), "{from} does not stand in {example}");
            text = text.replace(from, to);
        }
        text
    }
}

fn url_of(example: &str) -> Option<&str> {
    let (_, rest) = example.split_once("const url = ")?;
    rest.get(1..)?.split(['"', '\'']).next()
}

/// `*` stands for an id; a query is left aside.
fn path_fits(url: &str, wanted: &str) -> bool {
    let path = url.split('?').next().unwrap_or_default();
    let Some((_, path)) = path.split_once("/v1/") else { return false };
    let (path, wanted): (Vec<_>, Vec<_>) = (path.split('/').collect(), wanted.split('/').collect());
    path.len() == wanted.len()
        && path.iter().zip(&wanted).all(|(part, wanted)| *wanted == "*" || part == wanted)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference")
}

/// axios, as the lock file has it.
fn install() {
    let done = folder().join("node_modules/.package-lock.json");
    if done.exists() {
        return;
    }
    let arguments = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
    let installed = Command::new("npm").args(arguments).current_dir(folder()).status();
    let installed = installed.expect("these examples are JavaScript: install Node.js with npm");
    assert!(installed.success(), "npm ci failed in {}", folder().display());
}

fn node(example: &str) -> (u16, Value) {
    let mut child = Command::new("node")
        .arg("run.js")
        .current_dir(folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Node.js runs");
    child.stdin.take().expect("its input").write_all(example.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let answer: Value = serde_json::from_slice(&output.stdout).expect("one line of JSON");
    let status = answer["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    (status.unwrap_or_default(), answer["body"].clone())
}
