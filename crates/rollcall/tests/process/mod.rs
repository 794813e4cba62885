//! The real program in a process of its own, with its data in a folder that goes with it.

#![allow(dead_code, reason = "each test binary that uses this uses another part of it")]

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub(crate) const PASSWORD: &str = "violet-harbour-71";

/// A folder of a test's own.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("rollcall-program-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The program with this folder for its data, ready to be started, and nothing set from outside.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
        command.env_clear().current_dir(&self.0).args(arguments).arg("--data-dir").arg(self.file("data"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program runs")
    }

    /// Starts a server on a free port.
    pub(crate) fn serve(&self, settings: &[(&str, &str)]) -> Program {
        let mut command = self.command(&["serve"]);
        command.env("ROLLCALL_LISTEN", "127.0.0.1:0").envs(settings.iter().copied());
        let log = std::fs::File::create(self.file("log")).expect("a log");
        let started =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| Program::start(command.stderr(log))));
        started.unwrap_or_else(|_| panic!("the server did not start: {}", self.log()))
    }

    /// What the last server wrote to its log.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.file("log")).expect("a log")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{} stays: {error}", self.0.display());
        }
    }
}

/// A server that runs.
pub(crate) struct Program {
    child: Child,
    /// What it said until it was ready.
    pub(crate) said: String,
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
    pub(crate) http: reqwest::Client,
}

impl Program {
    pub(crate) fn start(command: &mut Command) -> Self {
        Self::try_start(command)
            .unwrap_or_else(|said| panic!("the server did not become ready; it said: {said}"))
    }

    /// Starts it, or gives what it said when it ended instead, if that can be heard.
    pub(crate) fn try_start(command: &mut Command) -> Result<Self, String> {
        let mut child = command.spawn().expect("the program starts");
        let output = child.stdout.take().expect("its output");
        let (send, lines) = mpsc::channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            let mut lines = String::new();
            while output.read_line(&mut lines).is_ok_and(|read| read > 0) {
                // What was written at once is read at once, and stays together.
                if output.buffer().is_empty() {
                    // Nobody listens any more once it is ready.
                    let _ = send.send(std::mem::take(&mut lines));
                }
            }
        });
        let mut said = String::new();
        let deadline = Instant::now() + Duration::from_secs(30);
        let url = loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(more) = lines.recv_timeout(left) else {
                // It may have ended already.
                let _ = child.kill();
                child.wait().expect("its status");
                if let Some(mut errors) = child.stderr.take() {
                    errors.read_to_string(&mut said).expect("text");
                }
                return Err(said);
            };
            said += &more;
            if let Some((_, rest)) = said.split_once("ready on ") {
                break rest.split_whitespace().next().expect("an address").to_owned();
            }
        };
        // Sooner than the server lets go of an idle connection.
        let idle = Duration::from_secs(5);
        let http = reqwest::Client::builder().no_proxy().pool_idle_timeout(idle).build().expect("a client");
        Ok(Self { child, said, url, http })
    }

    /// How much memory it holds just now, by the kernel's account.
    pub(crate) fn resident_megabytes(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("its memory");
        let kilobytes: f64 =
            line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number");
        kilobytes / 1_024.0
    }

    /// How many queries it counts by what became of them at the standbys: `served`, `behind` or `away`.
    pub(crate) async fn standby_reads(&self, outcome: &str) -> u64 {
        let (_, place) = self.said.split_once("Metrics: ").expect("an address");
        let url = place.split_whitespace().next().expect("an address");
        let text = self.http.get(url).send().await.expect("an answer").text().await.expect("text");
        let name = format!("rollcall_storage_standby_reads_total{{outcome=\"{outcome}\"}} ");
        let line = text.lines().find_map(|line| line.strip_prefix(&name)).expect("a count");
        line.parse().expect("a number")
    }

    /// The system's number for it.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it runs still.
    pub(crate) fn lives(&mut self) -> bool {
        self.child.try_wait().expect("its status").is_none()
    }

    pub(crate) fn port(&self) -> &str {
        self.url.rsplit(':').next().expect("a port")
    }

    /// Asks it to end, as an init system does, and waits for that.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
        assert!(sent.success());
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            match self.child.try_wait().expect("its status") {
                Some(status) => return status,
                None if Instant::now() > deadline => panic!("the server did not end within 30 s of SIGTERM"),
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        }
    }

    /// Sends JSON and expects a status.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: &Value,
        status: u16,
    ) -> Value {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await.expect("an answer");
        let found = answer.status().as_u16();
        let text = answer.text().await.expect("a body");
        assert_eq!(found, status, "{path}: {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Signs somebody up with the code from the built-in mailbox, and gives the access token.
    pub(crate) async fn sign_up(&self, name: &str) -> String {
        let email = format!("{}@example.com", name.to_lowercase());
        let account = json!({"name": name, "surname": "Tester", "email": email, "password": PASSWORD});
        self.send("POST", "/v1/account", "", &account, 201).await;
        let code = self.code(&email).await;
        let proof = json!({"email": email, "confirmation_code": code});
        self.send("PATCH", "/v1/account", "", &proof, 200).await;
        self.sign_in(&email).await
    }

    pub(crate) async fn sign_in(&self, email: &str) -> String {
        let answer =
            self.send("POST", "/v1/auth", "", &json!({"email": email, "password": PASSWORD}), 200).await;
        answer["access_token"].as_str().expect("a token").to_owned()
    }

    /// The code in the newest message for a receiver.
    pub(crate) async fn code(&self, to: &str) -> String {
        for _ in 0..500 {
            let kept = self.send("GET", &format!("/mailbox/messages?to={to}"), "", &Value::Null, 200).await;
            if let Some(text) = kept["data"][0]["text"].as_str() {
                let code = text.lines().map(str::trim).find(|line| line.len() == 6);
                return code.expect("the message has a code").to_owned();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no message for {to} arrived");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command that must fail soon, and gives the one line that it says.
pub(crate) fn refusal(command: &mut Command) -> String {
    let mut child = command.spawn().expect("the program starts");
    let deadline = Instant::now() + Duration::from_secs(2);
    let status = loop {
        match child.try_wait().expect("its status") {
            Some(status) => break status,
            None if Instant::now() > deadline => {
                let _ = child.kill();
                panic!("the program was not refused within 2 s");
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    assert_eq!(status.code(), Some(1));
    let mut said = String::new();
    child.stderr.take().expect("its errors").read_to_string(&mut said).expect("text");
    assert_eq!(said.lines().count(), 1, "one line, not: {said}");
    assert!(said.starts_with("rollcall: "), "{said}");
    said
}

/// What a command said that succeeded.
pub(crate) fn said(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "it failed: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
