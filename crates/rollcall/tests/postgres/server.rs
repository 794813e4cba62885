//! A PostgreSQL server of a test's own, which may be stopped, killed and frozen. Its data goes with it.

#![allow(dead_code, reason = "each test binary that uses this uses another part of it")]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use tokio_postgres::{Client, NoTls};

/// How long a server may take to start, recovery included.
const STARTED: Duration = Duration::from_secs(60);

/// A server on a port of its own. It syncs each commit.
pub(crate) struct Server {
    folder: PathBuf,
    port: u16,
}

impl Server {
    /// Starts one; `settings` are lines of `postgresql.conf`.
    pub(crate) fn new(settings: &str) -> Self {
        Self::with(&[], settings)
    }

    /// The same with more options of `initdb`.
    pub(crate) fn with(options: &[&str], settings: &str) -> Self {
        let server = Self::nowhere();
        run(program("initdb").arg("--pgdata").arg(server.data()).args(options).args([
            "--username",
            "rollcall",
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
            "--locale",
            "C",
            "--no-sync",
        ]));
        let all = format!("listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\n{settings}\n");
        server.write("data/postgresql.auto.conf", &all);
        server.start();
        server
    }

    /// Starts one on data that another has left: `fill` writes them into the folder.
    pub(crate) fn on(fill: impl FnOnce(&Path)) -> Self {
        let server = Self::nowhere();
        let data = server.data();
        fs::create_dir(&data).expect("a folder");
        fill(&data);
        // Of a process that is gone, or, by chance, another that has its number now.
        let _ = fs::remove_file(data.join("postmaster.pid"));
        fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).expect("its user alone");
        run(Command::new("chown").args(["-R", "--reference"]).arg(&server.folder).arg(&data));
        server.start();
        server
    }

    /// Starts a hot standby of this one.
    pub(crate) fn standby(&self) -> Self {
        let standby = Self::nowhere();
        let basebackup = ["--write-recovery-conf", "--checkpoint", "fast", "--no-sync", "--dbname"];
        run(program("pg_basebackup").arg("--pgdata").arg(standby.data()).args(basebackup).arg(self.url()));
        standby.start();
        standby
    }

    fn nowhere() -> Self {
        // Below the ports that clients' ends get, so that nobody takes it while the server is stopped.
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let first = u16::try_from(std::process::id() % 100).expect("below 100") * 100;
        let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
        let mut ports = (0..100).map(|_| 20_000 + first + NEXT.fetch_add(1, Ordering::Relaxed) % 100);
        let port = ports.find(free).expect("a free port");
        let folder = std::env::temp_dir().join(format!("rollcall-server-{}-{port}", std::process::id()));
        run(as_user("mkdir").arg(&folder));
        Self { folder, port }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Writes a file of the server's, which its user alone may read.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.folder.join(name);
        run(as_user("install").args(["-m", "600", "/dev/null"]).arg(&path));
        fs::write(path, text).expect("written");
    }

    /// Where a file of the server's is.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://rollcall@127.0.0.1:{}/postgres?sslmode=disable", self.port)
    }

    /// A connection beside those of a program.
    pub(crate) async fn client(&self) -> Client {
        let (client, connection) = tokio_postgres::connect(&self.url(), NoTls).await.expect("it answers");
        tokio::spawn(async move { drop(connection.await) });
        client
    }

    /// Starts it (again), and waits until it takes connections.
    pub(crate) fn start(&self) {
        let end = Instant::now() + STARTED;
        // What is left of a killed one may hold on to its memory for a moment.
        while !self
            .control("start")
            .args(["-o", &format!("-p {}", self.port)])
            .status()
            .expect("it runs")
            .success()
        {
            let log = fs::read_to_string(self.file("log")).unwrap_or_default();
            assert!(Instant::now() < end, "the server does not start: {log}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Ends all connections, and then the server.
    pub(crate) fn stop(&self) {
        run(self.control("stop").args(["--mode", "fast"]));
    }

    /// Ends all of its processes at once, and writes nothing more.
    pub(crate) fn crash(&self) {
        run(self.control("stop").args(["--mode", "immediate"]));
    }

    /// The server as a command that ends with it.
    pub(crate) fn foreground(&self) -> Command {
        let mut command = program("postgres");
        command.arg("-D").arg(self.data()).args(["-p", &self.port.to_string()]);
        command
    }

    /// A command that succeeds once it takes connections.
    pub(crate) fn is_ready(&self) -> Command {
        let mut command = program("pg_isready");
        command.args(["--quiet", "--host", "127.0.0.1", "--port", &self.port.to_string()]);
        command
    }

    /// Makes a standby the primary.
    pub(crate) fn promote(&self) {
        run(&mut self.control("promote"));
    }

    /// Ends the postmaster without a word.
    pub(crate) fn kill(&self) {
        signal("KILL", &[self.postmaster()]);
    }

    /// Stops all of its processes where they stand; the kernel goes on taking connections.
    pub(crate) fn freeze(&self) {
        // First who could start more.
        let postmaster = self.postmaster();
        signal("STOP", &[postmaster]);
        signal("STOP", &children(postmaster));
    }

    pub(crate) fn thaw(&self) {
        let postmaster = self.postmaster();
        signal("CONT", &children(postmaster));
        signal("CONT", &[postmaster]);
    }

    /// The process that the others are started by.
    pub(crate) fn postmaster(&self) -> u32 {
        let text = fs::read_to_string(self.file("data/postmaster.pid")).expect("it runs");
        text.lines().next().and_then(|line| line.parse().ok()).expect("a process")
    }

    fn control(&self, verb: &str) -> Command {
        let mut command = program("pg_ctl");
        command.arg(verb).args(["--silent", "--wait", "--pgdata"]).arg(self.data());
        command.arg("--log").arg(self.file("log")).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been stopped already; the folder must go all the same.
        let _ = self.control("stop").args(["--mode", "immediate"]).status();
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("{} stays: {error}", self.folder.display());
        }
    }
}

/// One of the server's programs.
#[expect(clippy::disallowed_methods, reason = "a switch of the tests, not a setting")]
fn program(name: &str) -> Command {
    let folder = std::env::var("POSTGRES_BIN").expect("run this by ./scripts/postgres");
    as_user(&format!("{folder}/{name}"))
}

/// A command as a user that the server deigns to run as.
#[expect(clippy::disallowed_methods, reason = "a switch of the tests, not a setting")]
pub(crate) fn as_user(name: &str) -> Command {
    let before = std::env::var("POSTGRES_AS").unwrap_or_default();
    let mut words = before.split_whitespace().chain([name]);
    let mut command = Command::new(words.next().expect("a word"));
    command.args(words).current_dir(std::env::temp_dir());
    command
}

fn run(command: &mut Command) {
    let ended = command.stdout(Stdio::null()).status().expect("it runs");
    assert!(ended.success(), "{command:?}");
}

/// Sends processes a signal by its name.
pub(crate) fn signal(name: &str, processes: &[u32]) {
    for process in processes {
        // Some of them may have ended just now.
        let _ = Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status();
    }
}

fn children(parent: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").expect("processes").filter_map(|entry| {
        let process: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
        let status = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // The name in brackets may hold anything; the state and the parent come behind it.
        let of: u32 = status.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()?;
        (of == parent).then_some(process)
    });
    all.collect()
}
