//! The real program in a folder of its own, and a client that signs up by the built-in mailbox.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// A folder that goes with the test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("rollcall-durability-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("rollcall.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{} stays: {error}", self.0.display());
        }
    }
}

/// A running server.
pub(crate) struct Program {
    pub(crate) url: String,
    child: Child,
    // Kept open, so that the program can go on writing.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Program {
    /// Starts it and waits until it says that it is ready.
    pub(crate) async fn start(folder: &Folder) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rollcall"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "error", "--data-dir"])
            .arg(folder.path())
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        let mut output = BufReader::new(child.stdout.take().expect("its output")).lines();
        let ready = tokio::time::timeout(Duration::from_secs(20), output.next_line()).await;
        let line = ready.expect("it is ready in time").expect("its output").expect("it did not end");
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).expect("its address");
        Self { url: url.to_owned(), child, _output: output }
    }

    /// As `kill -9` does.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("killed");
    }

    /// Signs up and in; gives an access token.
    pub(crate) async fn token(&self, http: &reqwest::Client) -> String {
        let (email, password) = ("ann@example.com", "violet-harbour-71");
        let send = async |method: reqwest::Method, path: &str, body: Value| {
            let request = http.request(method, format!("{}{path}", self.url)).json(&body);
            request.send().await.expect("an answer").error_for_status().expect("good")
        };
        let account = json!({"name": "Ann", "surname": "Archer", "email": email, "password": password});
        send(reqwest::Method::POST, "/v1/account", account).await;
        let code = self.code(http, email).await;
        send(reqwest::Method::PATCH, "/v1/account", json!({"email": email, "confirmation_code": code})).await;
        let session =
            send(reqwest::Method::POST, "/v1/auth", json!({"email": email, "password": password})).await;
        let session: Value = session.json().await.expect("JSON");
        session["access_token"].as_str().expect("a token").to_owned()
    }

    /// The code that the mailbox keeps for an address; the worker puts it there in a moment.
    async fn code(&self, http: &reqwest::Client, email: &str) -> String {
        for _ in 0..200 {
            let url = format!("{}/mailbox/messages?to={email}", self.url);
            let messages: Value = http.get(url).send().await.expect("an answer").json().await.expect("JSON");
            if let Some(text) = messages["data"][0]["text"].as_str() {
                let code = text
                    .split_whitespace()
                    .find(|word| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit()));
                return code.expect("a code").to_owned();
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("no message for {email}")
    }
}
