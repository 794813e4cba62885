//! A server in a process of its own, with a folder that goes when it ends.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Who takes part, and how it is asked for the same things.
pub(crate) struct Contestant {
    /// As the tables call it.
    pub(crate) name: &'static str,
    /// `http://host:port`.
    pub(crate) base: String,
    pub(crate) token: String,
    /// Paths of the caller's profile, the list of members, and where teams are made.
    pub(crate) profile: String,
    pub(crate) members: String,
    pub(crate) teams: String,
    /// The database server's first process, where its processor time counts as the contestant's.
    pub(crate) engine: Option<u32>,
    child: Child,
    _folder: Option<Folder>,
}

/// A temporary folder.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("rollcall-bench-{}-{number}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{} stays: {error}", self.0.display());
        }
    }
}

/// What the peers and Rollcall answer alike.
pub(crate) const PROFILE: &str = "/v1/customer";
pub(crate) const TEAMS: &str = "/v1/team";

impl Contestant {
    /// Starts a program whose first line of output that holds `http://` names its address.
    pub(crate) async fn start(
        name: &'static str,
        command: &mut Command,
        token: String,
        members: String,
        folder: Option<Folder>,
    ) -> Self {
        let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let base = loop {
            let line = lines.next_line().await.expect("its output").expect("its address");
            if let Some((_, rest)) = line.split_once("http://") {
                let end = rest.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(rest.len());
                break format!("http://{}", &rest[..end]);
            }
        };
        // Whatever else it says is read and forgotten, so that its pipe never fills.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let (profile, teams) = (PROFILE.to_owned(), TEAMS.to_owned());
        Self { name, base, token, profile, members, teams, engine: None, child, _folder: folder }
    }

    /// The answer to a read, which must be a good one.
    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        let request = reqwest::Client::new().get(format!("{}{path}", self.base)).bearer_auth(&self.token);
        request.send().await.expect("an answer").error_for_status().expect("a good one")
    }

    /// Asks it to end, and waits until it has.
    pub(crate) async fn end(mut self) {
        let id = rustix::process::Pid::from_raw(self.id().cast_signed()).expect("a process");
        rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("it runs");
        assert!(self.child.wait().await.expect("it ends").success(), "{} failed", self.name);
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Seconds of processor time that it and its children have used, and its engine where that counts.
    pub(crate) fn processor_seconds(&self) -> f64 {
        let families: Vec<u32> = [self.id()].into_iter().chain(self.engine).collect();
        let processes = std::fs::read_dir("/proc").expect("a Linux system");
        let ids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
        // Ticks are hundredths of a second on Linux.
        ids.filter_map(|process| families.iter().find_map(|&family| ticks(process, family))).sum::<f64>()
            / 100.0
    }
}

/// Who started a process.
pub(crate) fn parent(process: u32) -> Option<u32> {
    stat(process)?.get(1)?.parse().ok()
}

/// User and system time of a process, if it is the given one or its child.
fn ticks(process: u32, family: u32) -> Option<f64> {
    let fields = stat(process)?;
    if process != family && fields.get(1)?.parse() != Ok(family) {
        return None;
    }
    Some(fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?)
}

/// What the system says of a process, from its state on.
fn stat(process: u32) -> Option<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    Some(stat.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect())
}
